//! Memory of a daemon with five hundred idle links.

use std::fs;

use crate::support::bench::Bench;
use crate::support::wire::Lis01;

const LINKS: usize = 500;
const AIM_MB: f64 = 64.0;

pub fn run() {
    let ids: Vec<String> = (0..LINKS).map(|number| format!("link-{number}")).collect();
    let analysers: Vec<(&str, &str)> =
        ids.iter().map(|id| (id.as_str(), "roche-cobas-e601")).collect();
    let bench = Bench::with(&analysers);
    let mut lines: Vec<Lis01> =
        ids.iter().map(|id| Lis01::dial(bench.daemon.address(id)).unwrap()).collect();
    for line in &mut lines {
        line.write(&[0x05]).unwrap();
        assert_eq!(line.reply().unwrap(), 0x06);
        line.write(&[0x04]).unwrap();
    }
    let status = fs::read_to_string(format!("/proc/{}/status", bench.daemon.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: f64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    let megabytes = kilobytes / 1024.0;
    println!("  {LINKS} idle links, one connection each: {megabytes:.1} MB resident");
    println!("  ratio {:.2} of {AIM_MB} MB (aim: under 1)", megabytes / AIM_MB);
}
