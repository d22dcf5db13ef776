//! Faults planted between the kit and our daemon: each is found, with the bytes that show it.

use crate::bench::{Bench, conform_at, proxy};

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

fn accepts_everything(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| if *byte == NAK { ACK } else { *byte }).collect()
}

fn doubles_replies(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| vec![*byte; if *byte == ACK { 2 } else { 1 }]).collect()
}

fn spoils_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == 0x03).collect();
    for end in ends {
        if let Some(digit) = bytes.get_mut(end + 1) {
            *digit = if *digit == b'0' { b'1' } else { b'0' };
        }
    }
    bytes
}

fn answers_another(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    text.replace("MSA|AA|", "MSA|AA|X").replace("MSA|AE|", "MSA|AE|X").into_bytes()
}

fn keeps_the_commit_back(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if text.contains("MSA|CA|") { Vec::new() } else { bytes.to_vec() }
}

#[track_caller]
fn finds(protocol: &str, harm: fn(&[u8]) -> Vec<u8>, only: &str) {
    let bench = Bench::new();
    let behind = proxy(bench.daemon.address(protocol), harm);
    let said = conform_at(behind, protocol, &["--quick", "--only", only]);
    assert_eq!(said.status, Some(1), "{}", said.out);
    assert!(!said.failed().is_empty(), "{}", said.out);
    assert!(said.out.contains("    expected  "), "{}", said.out);
    assert!(said.out.contains("    we sent   "), "{}", said.out);
}

#[test]
fn a_host_that_acknowledges_damaged_frames_is_found() {
    finds("lis01", accepts_everything, "wrong checksum");
}

#[test]
fn a_host_that_does_not_look_at_frame_numbers_is_found() {
    finds("lis01", accepts_everything, "wrong frame number");
}

#[test]
fn a_host_that_replies_twice_is_found() {
    finds("lis01", doubles_replies, "each frame of a message");
}

#[test]
fn a_host_whose_checksums_are_wrong_is_found() {
    finds("lis01", spoils_checksums, "a query is answered");
}

#[test]
fn a_host_that_acknowledges_another_message_is_found() {
    finds("mllp", answers_another, "MSA-2");
}

#[test]
fn a_host_that_owes_the_commit_acknowledgement_is_found() {
    finds("mllp", keeps_the_commit_back, "commit acknowledgement");
}
