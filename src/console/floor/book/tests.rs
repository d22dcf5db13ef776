//! The floor against a recount of the rows: however the feed is cut into pages, told twice or in
//! another order, and wherever it begins.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A row before it has its place in the feed: which donation, its verdict, what it wants.
type Turn = (u8, Verdict, Vec<Assay>);

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    let wants = prop::sample::subsequence(vec![Assay::Hbsag, Assay::Alt, Assay::Abo], 0..=3);
    prop::collection::vec((0_u8..6, verdict, wants), 1..60)
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The feed that comes of it: a row every ten minutes.
fn feed(turns: &[Turn]) -> Vec<Row> {
    let mut last: BTreeMap<u8, Row> = BTreeMap::new();
    let mut rows = Vec::new();
    for ((din, verdict, wants), seq) in turns.iter().zip(1..) {
        let known = last.get(din);
        let decided_at = second(seq * 600);
        let stays_open = known.filter(|known| is_open(known.verdict));
        let want = |assay: &Assay| Want {
            action: Action::Test,
            assay: Some(*assay),
            subject: None,
            analyser: None,
            kit: None,
            count: 1,
        };
        let row = Row {
            seq,
            din: DonationNumber::restored(format!("G12349865432{din}")),
            version: known.map_or(1, |known| known.version + 1),
            verdict: *verdict,
            before: known.map(|known| known.verdict),
            decided_at,
            registered_at: Some(second(0)),
            collected_at: None,
            site: None,
            reasons: Vec::new(),
            wants: wants.iter().map(want).collect(),
            open_since: stays_open.map_or(decided_at, |known| known.open_since),
        };
        last.insert(*din, row.clone());
        rows.push(row);
    }
    rows
}

/// The last rows of donations that are open after `rows`.
fn standing(rows: &[Row]) -> Vec<Row> {
    let mut last: BTreeMap<&DonationNumber, &Row> = BTreeMap::new();
    last.extend(rows.iter().map(|row| (&row.din, row)));
    last.into_values().filter(|row| is_open(row.verdict)).cloned().collect()
}

/// What is open, counted again from the rows alone.
fn recount(rows: &[Row]) -> Vec<(DonationNumber, i64, Verdict, Vec<Want>)> {
    let open = standing(rows).into_iter();
    open.map(|row| (row.din, row.version, row.verdict, row.wants)).collect()
}

fn told(book: &Book) -> Vec<(DonationNumber, i64, Verdict, Vec<Want>)> {
    let wants = |open: &Open| open.steps.iter().map(|step| step.want.clone()).collect();
    book.open().map(|open| (open.din.clone(), open.version, open.verdict, wants(open))).collect()
}

/// Gives the rows in pages of these lengths, each turned round and with some rows before it again.
fn take_in_pages(book: &mut Book, rows: &[Row], pages: &[usize]) {
    let mut from = 0;
    for length in pages.iter().copied().cycle() {
        let to = (from + length).min(rows.len());
        let mut page = rows[from.saturating_sub(2)..to].to_vec();
        page.reverse();
        assert!(book.take(page));
        from = to;
        if from == rows.len() {
            return;
        }
    }
}

proptest! {
    #[test]
    fn what_is_open_is_what_a_recount_says(
        turns in turns(),
        pages in prop::collection::vec(1_usize..9, 1..5),
    ) {
        let rows = feed(&turns);
        let mut book = Book::new();
        take_in_pages(&mut book, &rows, &pages);
        prop_assert_eq!(told(&book), recount(&rows));
        for open in book.open() {
            let of = |row: &&Row| row.din == open.din;
            let mut back = rows.iter().rev().filter(of);
            let since = back.by_ref().take_while(|row| row.verdict == open.verdict).last();
            prop_assert_eq!(open.since, since.unwrap().decided_at);
            for step in &open.steps {
                let own = rows.iter().rev().filter(of);
                let wanted = own.take_while(|row| {
                    is_open(row.verdict) && row.wants.contains(&step.want)
                });
                prop_assert_eq!(step.since, wanted.last().unwrap().decided_at);
            }
        }
    }

    #[test]
    fn it_begins_anywhere_and_reads_what_is_open_while_the_feed_goes_on(
        turns in turns(),
        cut in 0_usize..60,
        read in 0_usize..60,
    ) {
        let rows = feed(&turns);
        let cut = cut.min(rows.len());
        // What is open is read later than the row behind which it begins.
        let read = read.clamp(cut, rows.len().max(cut));
        let mut book = Book::new();
        book.begin(cut as i64);
        book.stand(standing(&rows[..read]));
        take_in_pages(&mut book, &rows, &[3]);
        prop_assert_eq!(told(&book), recount(&rows));
        for open in book.open() {
            let own = standing(&rows).into_iter().find(|row| row.din == open.din).unwrap();
            prop_assert!(open.since >= own.open_since && open.since <= own.decided_at);
            let ages = open.steps.iter().map(|step| step.since);
            prop_assert!(ages.clone().all(|since| since >= own.open_since), "too old");
            prop_assert!(ages.clone().all(|since| since <= own.decided_at), "too young");
        }
    }

    #[test]
    fn each_change_of_a_verdict_is_counted_once_in_its_hour(turns in turns()) {
        let rows = feed(&turns);
        let mut book = Book::new();
        take_in_pages(&mut book, &rows, &[4, 1]);
        let now = second(rows.len() as i64 * 600);
        for verdict in Verdict::ALL {
            let became = |row: &&Row| row.verdict == verdict && row.before != Some(verdict);
            let hours = book.by_hour(verdict, now);
            prop_assert_eq!(hours.len(), limits::FLOOR_HOURS);
            prop_assert_eq!(hours.iter().sum::<u64>(), rows.iter().filter(became).count() as u64);
        }
    }
}

#[test]
fn rows_behind_a_gap_are_not_taken() {
    let rows = feed(&[(0, Verdict::Pending, vec![]), (1, Verdict::Hold, vec![])]);
    let mut book = Book::new();
    assert!(!book.take(vec![rows[1].clone()]));
    assert_eq!((book.seq(), told(&book).len()), (0, 0));
    assert!(book.take(rows));
    assert_eq!((book.seq(), told(&book).len()), (2, 2));
}

#[test]
fn as_many_are_kept_as_there_is_room_for_and_it_says_when_there_are_more() {
    let turn = |din| (din, Verdict::Pending, vec![]);
    let rows = feed(&[turn(0), turn(1), turn(2)]);
    let mut book = Book::holding(2);
    assert!(book.take(rows[..2].to_vec()));
    assert!(!book.is_short() && told(&book).len() == 2);
    assert!(book.take(rows[2..].to_vec()));
    assert!(book.is_short() && told(&book).len() == 2 && !book.has_room_again());
    let done = (0, Verdict::Releasable, vec![]);
    let rows = feed(&[turn(0), turn(1), turn(2), done]);
    assert!(book.take(rows));
    assert!(book.has_room_again());
}

#[test]
fn the_verdicts_of_as_many_decided_donations_are_known_as_there_is_room_for() {
    let decided = |seq: i64| Row {
        seq,
        din: DonationNumber::restored(format!("D{seq}")),
        ..feed(&[(0, Verdict::Reject, vec![])]).remove(0)
    };
    let most = limits::FLOOR_DECIDED_MAX as i64;
    let mut book = Book::new();
    assert!(book.take((1..=most).map(decided).collect()));
    let of = |book: &Book, seq| book.verdict(&DonationNumber::restored(format!("D{seq}")));
    assert_eq!(of(&book, 1), Some(Verdict::Reject));
    assert!(book.take(vec![decided(most + 1)]));
    assert_eq!((of(&book, 1), of(&book, 2)), (None, Some(Verdict::Reject)));
}

#[test]
fn times_to_verdict_are_those_of_the_last_day_up_to_their_bound() {
    let most = limits::FLOOR_TIMES_MAX as i64;
    let row = |seq: i64, took: i64| Row {
        seq,
        registered_at: Some(second(1_000_000)),
        decided_at: second(1_000_000 + took),
        ..feed(&[(0, Verdict::Releasable, vec![])]).remove(0)
    };
    let mut book = Book::new();
    assert!(book.take((1..=10).map(|took| row(took, took * 60)).collect()));
    let now = second(1_000_000 + 600);
    let times = book.time_to_verdict(now);
    assert_eq!((times.decided, times.median, times.ninety), (10, 300, 540));
    assert_eq!(book.time_to_verdict(second(1_000_000 + 86_400 + 300)).decided, 5);
    assert_eq!(book.time_to_verdict(second(3_000_000)), TimeToVerdict::default());

    assert!(book.take((11..=most).map(|seq| row(seq, 60)).collect()));
    assert_eq!(book.time_to_verdict(now).decided, limits::FLOOR_TIMES_MAX);
    assert!(book.take(vec![row(most + 1, 60)]));
    assert_eq!(book.time_to_verdict(now).decided, limits::FLOOR_TIMES_MAX);
}

#[test]
fn hours_are_kept_up_to_their_bound_and_a_clock_set_back_makes_no_mess() {
    let hours = limits::FLOOR_HOURS as i64;
    let row = |seq: i64, hour: i64| Row {
        seq,
        decided_at: second(hour * 3_600),
        ..feed(&[(0, Verdict::Reject, vec![])]).remove(0)
    };
    let mut book = Book::new();
    assert!(book.take((1..=hours).map(|hour| row(hour, hour)).collect()));
    let now = second(hours * 3_600);
    assert_eq!(book.by_hour(Verdict::Reject, now), vec![1; limits::FLOOR_HOURS]);
    assert!(book.take(vec![row(hours + 1, hours + 1), row(hours + 2, 0), row(hours + 3, 5)]));
    let later = book.by_hour(Verdict::Reject, second((hours + 1) * 3_600));
    assert_eq!((later.iter().sum::<u64>(), later[3]), (hours as u64 + 1, 2));
}
