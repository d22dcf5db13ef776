//! The questions about a donation as a whole.

use super::{Answer, Question};

pub(super) const REGISTRATION: &[Question] = &[
    Question {
        id: "registered",
        words: ["whether inventory has registered the donation", "是否登记"],
        answers: &[
            Answer { id: "yes", words: ["registered", "已登记"] },
            Answer { id: "no", words: ["not registered", "未登记"] },
        ],
        worse: &[("yes", "no")],
    },
    Question {
        id: "results",
        words: ["whether results are on record", "是否有结果"],
        answers: &[
            Answer { id: "none", words: ["no result on record", "无结果"] },
            Answer { id: "some", words: ["results on record", "有结果"] },
        ],
        worse: &[],
    },
    Question {
        id: "number",
        words: ["the donation number", "献血码"],
        answers: &[
            Answer {
                id: "verified", words: ["the donation number is verified", "献血码已核对"]
            },
            Answer {
                id: "check_failed",
                words: [
                    "the check character of the typed number does not agree",
                    "录入献血码校验位不符",
                ],
            },
        ],
        worse: &[("verified", "check_failed")],
    },
    Question {
        id: "sample",
        words: ["the specimen", "标本"],
        answers: &[
            Answer { id: "received", words: ["the specimen was received", "标本已接收"] },
            Answer {
                id: "not_received",
                words: ["the specimen was expected and not found", "应到标本未到"],
            },
        ],
        worse: &[("received", "not_received")],
    },
];

pub(super) const DONOR: &[Question] = &[
    Question {
        id: "deferral",
        words: ["deferral", "屏蔽状态"],
        answers: &[
            Answer { id: "none", words: ["the donor is not deferred", "献血者未屏蔽"] },
            Answer { id: "deferred", words: ["the donor is deferred", "献血者已屏蔽"] },
        ],
        worse: &[("none", "deferred")],
    },
    Question {
        id: "record",
        words: ["the donor's record", "既往记录"],
        answers: &[
            Answer {
                id: "clear", words: ["nothing adverse in the donor's record", "既往无异常"]
            },
            Answer {
                id: "reinstated",
                words: ["reinstated after nonspecific reactivity, or requalified", "已归队"],
            },
            Answer {
                id: "flagged", words: ["the donor's record is flagged", "既往记录有标记"]
            },
            Answer {
                id: "prior_reactive",
                words: ["an earlier donation was reactive, not requalified", "既往反应性未归队"],
            },
        ],
        worse: &[
            ("clear", "flagged"),
            ("clear", "prior_reactive"),
            ("reinstated", "flagged"),
            ("reinstated", "prior_reactive"),
            ("flagged", "prior_reactive"),
        ],
    },
    Question {
        id: "identity",
        words: ["donor records", "档案"],
        answers: &[
            Answer { id: "one", words: ["one donor record", "单一档案"] },
            Answer {
                id: "merged",
                words: ["two donor records were merged, one of them adverse", "档案合并且其一异常"],
            },
        ],
        worse: &[("one", "merged")],
    },
];

pub(super) const SIGNATURE: &[Question] = &[
    Question {
        id: "signed",
        words: ["review and signature", "审核签发"],
        answers: &[
            Answer { id: "complete", words: ["reviewed and signed", "已审核签发"] },
            Answer {
                id: "outdated",
                words: ["signed before the last result came", "签发后又有新结果"],
            },
            Answer { id: "missing", words: ["not reviewed and signed", "未审核签发"] },
        ],
        worse: &[("complete", "outdated"), ("complete", "missing")],
    },
    Question {
        id: "people",
        words: ["who did it", "人员"],
        answers: &[
            Answer { id: "different", words: ["different people", "不同人员"] },
            Answer { id: "same", words: ["one person did both", "同一人员"] },
        ],
        worse: &[("different", "same")],
    },
];

pub(super) const PROCESS: &[Question] = &[
    Question {
        id: "lookback",
        words: ["look-back", "回溯"],
        answers: &[
            Answer { id: "none", words: ["no look-back", "无回溯"] },
            Answer {
                id: "open", words: ["a look-back is open, within its days", "回溯进行中"]
            },
            Answer { id: "overdue", words: ["a look-back is overdue", "回溯超期"] },
        ],
        worse: &[("none", "open"), ("none", "overdue"), ("open", "overdue")],
    },
    Question {
        id: "path",
        words: ["the way of release", "放行方式"],
        answers: &[
            Answer { id: "program", words: ["released by this program", "本系统放行"] },
            Answer { id: "manual", words: ["released outside of this program", "系统外放行"] },
        ],
        worse: &[("program", "manual")],
    },
    Question {
        id: "rule_set",
        words: ["the rule set", "规则集"],
        answers: &[
            Answer {
                id: "unchanged",
                words: ["the rule set is the one that decided before", "规则集未变"],
            },
            Answer {
                id: "changed",
                words: [
                    "another rule set decided before, nobody looked again",
                    "规则集已变且未复核",
                ],
            },
        ],
        worse: &[("unchanged", "changed")],
    },
];
