//! Escape sequences of both dialects.

use hemogate::codec::{Delimiters, FaultKind, Piece, hl7, lis02};

fn resolved(text: &str, delimiters: &Delimiters) -> String {
    Piece { text, offset: 0 }.unescaped(delimiters).unwrap().into_owned()
}

#[test]
fn lis02_sequences_are_resolved() {
    for (sent, meant) in [
        ("DB&E&23-33E22", "DB&23-33E22"),
        ("&F&&S&&R&&E&", r"|^\&"),
        ("a&H&bold&N&b", "aboldb"),
        ("&X0D0A&", "\r\n"),
        ("&XE4B8AD&", "中"),
        ("&XE9&", "é"),
        ("&Z&", ""),
        ("&E&R&E&", "&R&"),
    ] {
        assert_eq!(resolved(sent, &lis02::USUAL), meant, "{sent}");
    }
}

#[test]
fn a_lis02_escape_character_that_opens_nothing_is_literal() {
    for text in
        ["Type && Screen", "AT&T", "Q&A & R&D", "&", "&&", "&f&", "&X0&", "&XZZ&", "&X&", "&Q&"]
    {
        assert_eq!(resolved(text, &lis02::USUAL), text);
    }
    assert_eq!(resolved("&&F&", &lis02::USUAL), "&|");
    assert_eq!(resolved("A & B&F&", &lis02::USUAL), "A & B|");
}

#[test]
fn a_local_lis02_sequence_is_a_fault_at_its_place() {
    let piece = Piece { text: "ab&Zeta&c", offset: 100 };
    let fault = piece.unescaped(&lis02::USUAL).unwrap_err();
    assert_eq!((fault.kind, fault.offset, fault.length), (FaultKind::Escape, 102, 6));
    assert!(fault.text.contains("&Zeta&"), "{fault}");
}

#[test]
fn hl7_sequences_are_resolved() {
    for (sent, meant) in [
        (r"1\S\2.14", "1^2.14"),
        (r"\F\\S\\T\\R\\E\", r"|^&~\"),
        (r"a\H\bold\N\b", "aboldb"),
        (r"\X0D\", "\r"),
        (r"\XE4B8AD\\XE9\", "中é"),
        (r"\Z\", ""),
        (r"one\.br\two", "one\ntwo"),
        (r"\.sp\\.sp2\\.sk 3\x\.in+4\\.ti-2\\.fi\\.nf\\.ce\", "\n\n\n   x\n"),
        (r"C:\", r"C:\"),
    ] {
        assert_eq!(resolved(sent, &hl7::USUAL), meant, "{sent}");
    }
}

#[test]
fn an_unknown_hl7_sequence_is_a_fault_at_its_place() {
    for (text, offset, length) in [
        (r"a\Zxx\", 8, 5),
        (r"\C2842\", 7, 7),
        (r"\M123456\", 7, 9),
        (r"\f\", 7, 3),
        (r"\X0\", 7, 4),
        (r"\X\", 7, 3),
        (r"\\", 7, 2),
        (r"\.sp100\", 7, 8),
        (r"C:\dir\file", 9, 5),
    ] {
        let fault = Piece { text, offset: 7 }.unescaped(&hl7::USUAL).unwrap_err();
        assert_eq!((fault.kind, fault.offset, fault.length), (FaultKind::Escape, offset, length));
    }
}

#[test]
fn text_without_escapes_is_not_copied() {
    let piece = Piece { text: "Nonreactive 阴性", offset: 0 };
    assert!(matches!(piece.unescaped(&hl7::USUAL).unwrap(), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn writing_escapes_delimiters_and_control_characters_only() {
    assert_eq!(lis02::USUAL.escape("a|b^c\\d&e~f 中\r\x7F"), "a&F&b&S&c&R&d&E&e~f 中&X0D&&X7F&");
    assert_eq!(hl7::USUAL.escape("a|b^c\\d&e~f\n"), r"a\F\b\S\c\E\d\T\e\R\f\X0A\");
}

#[test]
fn delimiters_that_cannot_be_told_apart_are_impossible() {
    assert!(lis02::USUAL.possible() && hl7::USUAL.possible());
    for odd in [b'A', b'7', b' ', b'\r', 0x80, 0xFF, b'^'] {
        assert!(!Delimiters { field: odd, ..lis02::USUAL }.possible());
        assert!(!Delimiters { subcomponent: Some(odd), ..hl7::USUAL }.possible());
    }
}

#[test]
fn a_piece_says_the_same_in_other_delimiters() {
    let odd = Delimiters { repeat: b'*', escape: b'!', ..hl7::USUAL };
    let sent = Piece { text: r"a^b&c*d!S!e|f~g\h!Z9!", offset: 0 };
    let restated = sent.restated(&odd, &hl7::USUAL);
    assert_eq!(restated, r"a^b&c~d\S\e|f\R\g\E\h!Z9!");
    assert_eq!(sent.restated(&odd, &odd), sent.text);
    let back = Piece { text: &restated, offset: 0 }.restated(&hl7::USUAL, &lis02::USUAL);
    assert_eq!(back, r"a^b^c\d&S&e|f~g&R&h!Z9!");
}
