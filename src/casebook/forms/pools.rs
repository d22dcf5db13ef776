//! Sentences about pools.

use super::super::grammar::Found;
use super::super::sentence::{Answer, Gone, PoolSaying, Sentence};
use super::super::words::Saying;
use super::Form;
use super::results::one;

const fn form(
    pattern: &'static str,
    example: &'static str,
    says: &'static str,
    meaning: fn(&Found) -> Result<Sentence, String>,
) -> Form {
    Form { topic: "Pools", pattern, example, says, meaning }
}

fn pool(found: &Found, saying: PoolSaying) -> Result<Sentence, String> {
    Ok(Sentence::Pool(found.pool.clone(), saying))
}

fn pool_of(found: &Found, saying: fn(Saying) -> PoolSaying) -> Result<Sentence, String> {
    pool(found, saying(one(found)?))
}

pub(super) const FORMS: &[Form] = &[
    form(
        "[<assay>] pool [<pool>] [of <n>] [is|was|reads] <reading>",
        "pool P1 of 6 is reactive",
        "The pool was run. Without a name: the only pool, or P1. Without an assay: the \
         multiplex NAT. Without a size: as before, else 6. This donation is its first member.",
        |found| {
            let answer = Answer::of(one(found)?);
            pool(found, PoolSaying::Run(found.assay, found.count, answer))
        },
    ),
    form(
        "pool [<pool>] [was] run|tested again [is] <reading>",
        "pool P1 run again: nonreactive",
        "The pool's tube was tested again.",
        |found| pool(found, PoolSaying::Again(Answer::of(one(found)?))),
    ),
    form(
        "( pool [<pool>] has no result | no result of pool [<pool>] )",
        "pool P1 has no result",
        "The pool is on record and was not run.",
        |found| pool(found, PoolSaying::NoResult),
    ),
    form(
        "no pool [<pool>]",
        "no pool",
        "The pool is not on record; without a name: none is.",
        |found| Ok(Sentence::Without(Gone::Pool(found.pool.clone()))),
    ),
    form(
        "this donation|member|one [of] [pool] [<pool>] [is|was] singly|individually|alone [is|was] \
         <reading>",
        "this donation singly: nonreactive",
        "This donation's single test after its pool, by the pool's assay.",
        |found| Ok(Sentence::Singly(None, Answer::of(one(found)?))),
    ),
    form(
        "[pool] [<pool>] member <n> [of] [pool] [<pool>] [is|was] [singly|individually|alone] \
         [is|was] <reading>",
        "pool P1 member 2 singly: reactive",
        "A member's single test; this donation is member 1.",
        |found| {
            let member = found.count.ok_or("a number is missing")?;
            pool(found, PoolSaying::Member(member, one(found)?))
        },
    ),
    form(
        "[all] other members [of] [pool] [<pool>] [are|is] [singly|individually|alone] \
         [are|is] <reading>",
        "all other members singly: nonreactive",
        "The single tests of the other members that have none yet.",
        |found| pool_of(found, PoolSaying::Others),
    ),
    form(
        "another|other member [of] [pool] [<pool>] [is] [singly|individually|alone] [is] <reading>",
        "another member singly: reactive",
        "One other member's single test.",
        |found| pool_of(found, PoolSaying::Another),
    ),
    form(
        "all|every [<n>] members|member [of] [pool] [<pool>] [are|is] [singly|individually|alone] \
         [are|is] <reading>",
        "all members singly: nonreactive",
        "The single tests of all members, this donation's too.",
        |found| pool_of(found, PoolSaying::Everybody),
    ),
    form(
        "( pool [<pool>] members | members of pool [<pool>] | pool [<pool>] membership ) \
         [are|is] ( unknown | not on record )",
        "pool P1 members unknown",
        "The donation is said to be in the pool; who else is, nobody said.",
        |found| pool(found, PoolSaying::MembersUnknown),
    ),
    form(
        "this donation|member|one [was] added [to] [pool] [<pool>] after \
         ( run | pool ran | it ran )",
        "this donation was added to pool P1 after the run",
        "It was not in the tube when the pool ran.",
        |found| pool(found, PoolSaying::AddedLater),
    ),
    form(
        "( pool [<pool>] names member|donation twice | member stands in pool [<pool>] twice \
         | this donation is in pool [<pool>] twice )",
        "pool P1 names a member twice",
        "A donation stands in the pool twice.",
        |found| pool(found, PoolSaying::Duplicate),
    ),
];
