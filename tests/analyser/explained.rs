//! What became of every byte: nothing is left out, nothing stands twice, and what is said here is
//! what the reader says.

use hemogate::analyser::{Analyser, Became, Explained, MessageReading, shipped_names};

use crate::bench::{analyser, transcript_messages};

/// Every message of every transcript of every profile.
fn everything() -> Vec<(Analyser, String, Vec<u8>)> {
    let mut all = Vec::new();
    for name in shipped_names() {
        for (file, message) in transcript_messages(name) {
            all.push((analyser(name), format!("{name}/{file}"), message));
        }
    }
    assert!(all.len() > 100, "only {} messages", all.len());
    all
}

fn assert_is_whole(explained: &[Explained], bytes: &[u8], file: &str) {
    let mut at = 0;
    for piece in explained {
        assert_eq!(piece.range.start, at, "{file}: {piece:?}");
        assert!(piece.range.end > at, "{file}: {piece:?}");
        at = piece.range.end;
    }
    assert_eq!(at, bytes.len(), "{file}");
}

/// Every report of the reader: where, and why.
fn reports(reading: &MessageReading) -> Vec<(usize, String)> {
    let pieces = reading.observations.iter().flat_map(|observation| &observation.unaccounted);
    let pieces = pieces.map(|piece| (piece.offset, piece.why.clone()));
    let faults = reading.faults.iter().map(|fault| (fault.offset, fault.text.clone()));
    pieces.chain(faults).collect()
}

/// What is unaccounted in one is unaccounted in the other, with the same reason; what differs.
fn differences(explained: &[Explained], reading: &MessageReading) -> Vec<String> {
    let reports = reports(reading);
    let mut differences = Vec::new();
    for (offset, why) in &reports {
        let told = explained.iter().any(|piece| {
            let is_last = *offset == piece.range.end && Some(piece) == explained.last();
            (piece.range.contains(offset) || is_last) && says(piece, why)
        });
        if !told {
            differences.push(format!("not explained: {why:?} at {offset}"));
        }
    }
    for piece in explained {
        let Became::Unaccounted(own) = &piece.became else { continue };
        if !reports.iter().any(|(_, why)| why.contains(own.as_str())) {
            differences.push(format!("not reported: {piece:?}"));
        }
    }
    if explained.iter().all(Explained::is_accounted) != reports.is_empty() {
        differences.push(format!("one of them finds nothing: {reports:?}"));
    }
    differences
}

fn says(piece: &Explained, report: &str) -> bool {
    let own = matches!(&piece.became, Became::Unaccounted(why) if report.ends_with(why.as_str()));
    own || piece.doubts.iter().any(|doubt| doubt == report)
}

#[test]
fn every_byte_of_every_transcript_stands_in_exactly_one_range() {
    for (analyser, file, message) in everything() {
        assert_is_whole(&analyser.explain(&message), &message, &file);
    }
}

#[test]
fn what_is_unaccounted_is_what_the_reader_leaves_unaccounted() {
    for (analyser, file, message) in everything() {
        let differences = differences(&analyser.explain(&message), &analyser.read(&message));
        assert!(differences.is_empty(), "{file}: {differences:#?}");
    }
}

/// The messages, each damaged or cut in some way, of which the explanation is another than the
/// reading; the first of them.
fn divergences(change: impl Fn(&[u8]) -> Vec<Vec<u8>> + Sync) -> Vec<String> {
    let all = everything();
    let half = all.len() / 2;
    let one = |messages: &[(Analyser, String, Vec<u8>)]| {
        let mut found = Vec::new();
        for (analyser, file, message) in messages {
            for changed in change(message) {
                let explained = analyser.explain(&changed);
                assert_is_whole(&explained, &changed, file);
                let differences = differences(&explained, &analyser.read(&changed));
                if !differences.is_empty() && found.len() < 20 {
                    found.push(format!("{file}: {}: {differences:#?}", changed.escape_ascii()));
                }
            }
        }
        found
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| one(&all[..half]));
        let mut second = one(&all[half..]);
        second.extend(first.join().unwrap());
        second
    })
}

/// Bytes are damaged one at a time, at every other place: the two may not differ there either.
fn damaged_from(first: usize) -> Vec<String> {
    let bytes = [b'|', b'^', b'\r', b'Z', b'&', 0x81, 0x01];
    divergences(|message| {
        let damaged = |at: usize| {
            let mut damaged = message.to_vec();
            damaged[at] = bytes[at % bytes.len()];
            damaged
        };
        (first..message.len()).step_by(2).map(damaged).collect()
    })
}

#[test]
fn messages_damaged_at_even_places_are_explained_as_they_are_read() {
    let found = damaged_from(0);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn messages_damaged_at_odd_places_are_explained_as_they_are_read() {
    let found = damaged_from(1);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_message_cut_anywhere_is_explained_as_it_is_read() {
    let cut =
        |message: &[u8]| (1..message.len()).step_by(3).map(|l| message[..l].to_vec()).collect();
    let found = divergences(cut);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every place of a message with what became of it, one a line.
fn lines(explained: &[Explained]) -> String {
    let line = |piece: &Explained| {
        let text = piece.text.as_deref().map_or("(not shown)".to_owned(), |t| format!("{t:?}"));
        let became = match &piece.became {
            Became::Structure(what) => format!("structure: {what}"),
            Became::Mapped { role, meaning: None } => format!("mapped: {role}"),
            Became::Mapped { role, meaning: Some(meaning) } => format!("mapped: {role}: {meaning}"),
            Became::Ignored(why) => format!("ignored: {why}"),
            Became::Unaccounted(why) => format!("UNACCOUNTED: {why}"),
        };
        let doubts: String = piece.doubts.iter().map(|doubt| format!(" BUT {doubt}")).collect();
        let (start, end) = (piece.range.start, piece.range.end);
        format!("{start}..{end} {} {text} {became}{doubts}\n", piece.place)
    };
    explained.iter().map(line).collect()
}

/// One message of each dialect and kind, read by a person.
#[test]
fn explanations_read_as_their_snapshots_say() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, file) in [
            ("roche-cobas-e601", "four-flags.astm"),
            ("abbott-architect", "donor-reactive.astm"),
            ("roche-cobas-e411", "query.astm"),
            ("mindray-bs", "gb18030.mllp"),
            ("mindray-bs", "query.mllp"),
            ("roche-cobas-6800", "mpx-reactive.mllp"),
            ("abbott-alinity-i", "order-replies.mllp"),
            ("ortho-vision", "keep-alive.astm"),
            ("beckman-pk7300", "not-determined.block"),
            ("beckman-au680", "cut-short.block"),
        ] {
            let messages = transcript_messages(name).into_iter().filter(|(own, _)| own == file);
            let told: String =
                messages.map(|(_, message)| lines(&analyser(name).explain(&message))).collect();
            insta::assert_snapshot!(format!("explained__{name}__{}", file.replace('.', "-")), told);
        }
    });
}
