//! The questions about a marker: its course with one kit, its rounds, its pools.

use super::{Answer, Question};

pub(super) const MARKER: &[Question] = &[
    Question {
        id: "first",
        words: ["the first result", "首次结果"],
        answers: &[
            Answer { id: "nonreactive", words: ["nonreactive", "无反应性"] },
            Answer { id: "void", words: ["no result that counts", "无有效结果"] },
            Answer {
                id: "void_reactive",
                words: ["first reactive in a result that does not count", "首次反应性但结果无效"],
            },
            Answer { id: "grey_zone", words: ["first result in the grey zone", "首次灰区"] },
            Answer { id: "reactive", words: ["first reactive", "初次反应性"] },
        ],
        worse: &[
            ("nonreactive", "void"),
            ("nonreactive", "grey_zone"),
            ("nonreactive", "reactive"),
            ("nonreactive", "void_reactive"),
            // Not from what does not count to `reactive`: a reactive result that counts may fall
            // under an exception, and one that does not never may. Those are dangers.
            ("grey_zone", "reactive"),
        ],
    },
    Question {
        id: "repeats",
        words: ["its repeats with the same kit", "同试剂复试"],
        answers: &[
            Answer { id: "not_begun", words: ["no repeat yet", "未复试"] },
            Answer {
                id: "other_kit", words: ["repeated with another kit", "用其他试剂复试"]
            },
            Answer { id: "incomplete", words: ["not all repeats count yet", "复试未完成"] },
            Answer {
                id: "nonreactive", words: ["all repeats nonreactive", "复试均无反应性"]
            },
            Answer { id: "grey_zone", words: ["a repeat in the grey zone", "复试灰区"] },
            Answer { id: "reactive", words: ["a repeat reactive", "复试反应性"] },
        ],
        worse: &[
            ("not_begun", "reactive"),
            ("other_kit", "reactive"),
            ("incomplete", "reactive"),
            ("nonreactive", "reactive"),
            ("nonreactive", "grey_zone"),
            ("grey_zone", "reactive"),
        ],
    },
    Question {
        id: "latest",
        words: ["the latest result", "最近结果"],
        answers: &[
            Answer { id: "counts", words: ["the latest result counts", "最近结果有效"] },
            Answer {
                id: "void", words: ["the latest result does not count", "最近结果无效"]
            },
        ],
        worse: &[("counts", "void")],
    },
    Question {
        id: "corrected",
        words: ["corrections", "更正"],
        answers: &[
            Answer { id: "no", words: ["nothing corrected", "无更正"] },
            Answer {
                id: "to_nonreactive",
                words: ["corrected from reactive to nonreactive", "由反应性更正为无反应性"],
            },
            Answer {
                id: "to_reactive",
                words: ["corrected from nonreactive to reactive", "由无反应性更正为反应性"],
            },
        ],
        worse: &[
            ("no", "to_nonreactive"),
            ("no", "to_reactive"),
            ("to_nonreactive", "to_reactive"),
        ],
    },
    Question {
        id: "doubtful",
        words: ["reactive again in a result that does not count", "无效结果再次反应性"],
        answers: &[
            Answer { id: "no", words: ["no", "否"] },
            Answer {
                id: "yes",
                words: ["reactive again in a result that does not count", "无效结果再次反应性"],
            },
        ],
        worse: &[("no", "yes")],
    },
    Question {
        id: "donation",
        words: ["for whom", "用途"],
        answers: &[
            Answer { id: "allogeneic", words: ["for anybody", "异体"] },
            Answer { id: "autologous", words: ["for the donor alone", "自体"] },
        ],
        worse: &[],
    },
    Question {
        id: "occasion",
        words: ["earlier occasions", "既往次数"],
        answers: &[
            Answer { id: "first", words: ["the first occasion", "首次"] },
            Answer {
                id: "again",
                words: ["repeat reactive on an earlier occasion", "既往曾重复反应性"],
            },
        ],
        worse: &[("first", "again")],
    },
    Question {
        id: "discrimination",
        words: ["discriminatory tests", "鉴别试验"],
        answers: &[
            Answer { id: "none", words: ["no discriminatory test", "未做鉴别"] },
            Answer {
                id: "nonreactive",
                words: ["discriminatory tests nonreactive", "鉴别均无反应性"],
            },
            Answer {
                id: "void", words: ["a discriminatory test does not count", "鉴别试验无效"]
            },
            Answer { id: "reactive", words: ["a discriminatory test reactive", "鉴别反应性"] },
        ],
        worse: &[("none", "reactive"), ("nonreactive", "reactive"), ("void", "reactive")],
    },
    Question {
        id: "supplemental",
        words: ["supplemental test", "确证试验"],
        answers: &[
            Answer { id: "none", words: ["no supplemental test", "未做确证"] },
            Answer { id: "negative", words: ["supplemental test negative", "确证阴性"] },
            Answer {
                id: "indeterminate",
                words: ["supplemental test indeterminate", "确证不确定"],
            },
            Answer { id: "positive", words: ["supplemental test positive", "确证阳性"] },
        ],
        worse: &[
            ("none", "positive"),
            ("negative", "positive"),
            ("indeterminate", "positive"),
            ("negative", "indeterminate"),
        ],
    },
    Question {
        id: "anti_hbs",
        words: ["anti-HBs", "抗-HBs"],
        answers: &[
            Answer { id: "none", words: ["no anti-HBs that counts", "无抗-HBs结果"] },
            Answer {
                id: "enough",
                words: ["anti-HBs above the limit, recent enough", "抗-HBs达标"],
            },
            Answer {
                id: "not_enough",
                words: ["anti-HBs not above the limit, or too old", "抗-HBs未达标"],
            },
        ],
        worse: &[("enough", "not_enough"), ("enough", "none")],
    },
    Question {
        id: "hbv_dna",
        words: ["HBV DNA of this donation alone", "单人份HBV DNA"],
        answers: &[
            Answer { id: "none", words: ["HBV DNA not tested singly", "未做单人份HBV DNA"] },
            Answer {
                id: "nonreactive",
                words: ["HBV DNA nonreactive, tested singly", "单人份HBV DNA无反应性"],
            },
            Answer { id: "reactive", words: ["HBV DNA reactive", "HBV DNA反应性"] },
        ],
        worse: &[("nonreactive", "none"), ("nonreactive", "reactive"), ("none", "reactive")],
    },
];

pub(super) const ROUNDS: &[Question] = &[
    Question {
        id: "number",
        words: ["how many kits gave a result that counts", "有效试剂数"],
        answers: &[
            Answer { id: "complete", words: ["as many as required", "达到要求"] },
            Answer { id: "too_few", words: ["fewer than required", "不足"] },
            Answer { id: "none", words: ["none", "无"] },
        ],
        worse: &[("complete", "too_few"), ("complete", "none"), ("too_few", "none")],
    },
    Question {
        id: "makers",
        words: ["the makers of the kits", "试剂厂家"],
        answers: &[
            Answer { id: "different", words: ["different makers", "不同厂家"] },
            Answer { id: "not_recorded", words: ["a maker is not on record", "厂家无记录"] },
            Answer { id: "same", words: ["one maker", "同一厂家"] },
        ],
        worse: &[("different", "same"), ("different", "not_recorded"), ("not_recorded", "same")],
    },
    Question {
        id: "operators",
        words: ["who ran them", "操作者"],
        answers: &[
            Answer { id: "different", words: ["different people", "不同操作者"] },
            Answer { id: "not_recorded", words: ["not on record", "操作者无记录"] },
            Answer { id: "same", words: ["one person", "同一操作者"] },
        ],
        worse: &[("different", "same"), ("not_recorded", "same")],
    },
];

pub(super) const POOL: &[Question] = &[
    Question {
        id: "members",
        words: ["its members", "成员"],
        answers: &[
            Answer {
                id: "recorded",
                words: ["members on record before the run", "成员在检测前已登记"],
            },
            Answer { id: "unknown", words: ["members not on record", "成员未登记"] },
            Answer {
                id: "added_later",
                words: ["this donation was added after the run", "检测后补登成员"],
            },
            Answer { id: "duplicate", words: ["a member stands in it twice", "成员重复"] },
        ],
        worse: &[("recorded", "unknown"), ("recorded", "added_later"), ("recorded", "duplicate")],
    },
    Question {
        id: "size",
        words: ["its size", "混样规模"],
        answers: &[
            Answer {
                id: "allowed",
                words: ["within what the kit is validated for", "在试剂允许范围内"],
            },
            Answer {
                id: "not_recorded",
                words: ["what the kit is validated for is not on record", "允许规模无记录"],
            },
            Answer {
                id: "exceeded",
                words: ["larger than the kit is validated for", "超过允许规模"],
            },
        ],
        worse: &[
            ("allowed", "not_recorded"),
            ("allowed", "exceeded"),
            ("not_recorded", "exceeded"),
        ],
    },
    Question {
        id: "result",
        words: ["the pool's result", "混样结果"],
        answers: &[
            Answer { id: "none", words: ["no result", "无结果"] },
            Answer { id: "nonreactive", words: ["nonreactive", "无反应性"] },
            Answer { id: "void", words: ["no result that counts", "结果无效"] },
            Answer { id: "reactive", words: ["reactive", "反应性"] },
        ],
        worse: &[
            ("nonreactive", "void"),
            ("nonreactive", "reactive"),
            ("none", "reactive"),
            ("void", "reactive"),
        ],
    },
    Question {
        id: "this_one",
        words: ["this donation singly", "本份拆分"],
        answers: &[
            Answer { id: "none", words: ["not tested singly", "未拆分"] },
            Answer { id: "nonreactive", words: ["nonreactive singly", "拆分无反应性"] },
            Answer { id: "void", words: ["no single result that counts", "拆分结果无效"] },
            Answer { id: "reactive", words: ["reactive singly", "拆分反应性"] },
        ],
        worse: &[("nonreactive", "reactive"), ("none", "reactive"), ("void", "reactive")],
    },
    Question {
        id: "others",
        words: ["the other members singly", "其余成员拆分"],
        answers: &[
            Answer {
                id: "open",
                words: [
                    "not all other members have a single result that counts",
                    "其余成员未全部拆分",
                ],
            },
            Answer {
                id: "explained",
                words: ["all tested singly, another member reactive", "已全部拆分且他人反应性"],
            },
            Answer {
                id: "none_reactive",
                words: ["all tested singly, no other member reactive", "已全部拆分且无人反应性"],
            },
        ],
        worse: &[("explained", "open")],
    },
    Question {
        id: "instead",
        words: ["another test instead", "其他检测"],
        answers: &[
            Answer {
                id: "covered",
                words: ["a later pool or single test covers the donation", "后续检测已覆盖"],
            },
            Answer { id: "none", words: ["nothing else covers it", "无其他覆盖"] },
        ],
        worse: &[("covered", "none")],
    },
];

pub(super) const LABEL: &[Question] = &[Question {
    id: "first",
    words: ["the results", "结果"],
    answers: &[
        Answer { id: "none", words: ["no result", "无结果"] },
        Answer { id: "nonreactive", words: ["nonreactive", "无反应性"] },
        Answer { id: "void", words: ["no result that counts", "无有效结果"] },
        Answer { id: "reactive", words: ["reactive, or in the grey zone", "反应性或灰区"] },
    ],
    worse: &[("nonreactive", "reactive"), ("none", "reactive"), ("void", "reactive")],
}];
