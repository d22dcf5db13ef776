//! The fields that we map, taken out of one message with each of the published HL7 crates.

/// Segment, field, component: what is taken once, and of each OBX.
const ONCE: [(&str, usize, usize); 3] = [("SPM", 2, 1), ("SAC", 10, 1), ("SAC", 11, 1)];
const EACH: [(usize, usize); 5] = [(3, 1), (5, 1), (8, 1), (11, 1), (19, 1)];

pub fn hl7_parser(text: &str) -> Vec<String> {
    let message = hl7_parser::parse_message(text).unwrap();
    let read = |segment: &hl7_parser::message::Segment<'_>, field, component| {
        let value = segment.field(field)?.component(component)?.subcomponent(1)?.raw_value();
        Some(message.separators.decode(value).to_string())
    };
    let mut texts = Vec::new();
    for (name, field, component) in ONCE {
        let segment = message.segment(name);
        texts.extend(segment.and_then(|segment| read(segment, field, component)));
    }
    for segment in message.segments().filter(|segment| segment.name == "OBX") {
        texts
            .extend(EACH.iter().filter_map(|(field, component)| read(segment, *field, *component)));
    }
    texts
}

pub fn rust_hl7(text: &str) -> Vec<String> {
    let message = rusthl7::message::Message::try_from(text).unwrap();
    let escapes = rusthl7::escape_sequence::EscapeSequence::new(message.get_separators());
    let read = |segment: &rusthl7::segments::Segment<'_>, field: usize, component: usize| {
        let repeat = segment.fields.get(field)?.subcomponents.first()?;
        let value = *repeat.get(component - 1)?.first()?;
        Some(escapes.decode(value).into_owned())
    };
    let mut texts = Vec::new();
    for (name, field, component) in ONCE {
        let segments = message.segments_by_name(name).unwrap();
        texts.extend(segments.first().and_then(|segment| read(segment, field, component)));
    }
    for segment in message.segments_by_name("OBX").unwrap() {
        texts
            .extend(EACH.iter().filter_map(|(field, component)| read(segment, *field, *component)));
    }
    texts
}

pub fn hl7kit(text: &str) -> Vec<String> {
    let message = hl7kit::Message::parse(text).unwrap();
    let read = |segment: &hl7kit::Segment<'_>, field, component| {
        let component = segment.field(field)?.component(component)?;
        Some(component.subcomponent(1)?.decoded().into_owned())
    };
    let mut texts = Vec::new();
    for (name, field, component) in ONCE {
        let segment = message.segment(name);
        texts.extend(segment.and_then(|segment| read(&segment, field, component)));
    }
    for segment in message.segments_named("OBX") {
        texts.extend(
            EACH.iter().filter_map(|(field, component)| read(&segment, *field, *component)),
        );
    }
    texts
}

pub fn hl7_2(text: &str) -> Vec<String> {
    let message = hl7_2::parse(text).unwrap();
    let separators = message.separators();
    let raw = message.raw();
    let mut texts = Vec::new();
    for (name, field, component) in ONCE {
        let component = raw.segment(name).and_then(|segment| segment.component(field, component));
        let value = component.and_then(|component| component.subcomponent(1));
        texts.extend(value.map(|value| value.value(separators).into_owned()));
    }
    for segment in raw.segments_named("OBX") {
        for (field, component) in EACH {
            let component = segment.component(field, component);
            let value = component.and_then(|component| component.subcomponent(1));
            texts.extend(value.map(|value| value.value(separators).into_owned()));
        }
    }
    texts
}
