//! The questions about blood groups and about numbers.

use super::{Answer, Question};

pub(super) const ABO: &[Question] = &[
    Question {
        id: "results",
        words: ["the results of the donation", "本次结果"],
        answers: &[
            Answer { id: "agree", words: ["all results agree", "结果一致"] },
            Answer {
                id: "void",
                words: ["no result that counts, or the latest does not", "无有效结果"],
            },
            Answer { id: "differ", words: ["results differ", "结果不一致"] },
        ],
        worse: &[("agree", "void"), ("agree", "differ"), ("void", "differ")],
    },
    Question {
        id: "determinations",
        words: ["how many determinations", "检测次数"],
        answers: &[
            Answer { id: "enough", words: ["as many as required", "达到要求"] },
            Answer { id: "too_few", words: ["fewer than required", "不足"] },
        ],
        worse: &[("enough", "too_few")],
    },
    Question {
        id: "history",
        words: ["the group on record", "历史血型"],
        answers: &[
            Answer { id: "agrees", words: ["agrees with the group on record", "与历史一致"] },
            Answer { id: "none", words: ["no group on record", "无历史血型"] },
            Answer { id: "differs", words: ["not the group on record", "与历史不一致"] },
        ],
        worse: &[("agrees", "differs"), ("none", "differs")],
    },
];

pub(super) const RHD: &[Question] = &[
    Question {
        id: "results",
        words: ["the results of the donation", "本次结果"],
        answers: &[
            Answer { id: "positive", words: ["positive", "阳性"] },
            Answer { id: "negative", words: ["negative", "阴性"] },
            Answer {
                id: "void",
                words: ["no result that counts, or the latest does not", "无有效结果"],
            },
            Answer { id: "differ", words: ["results differ", "结果不一致"] },
        ],
        worse: &[
            ("positive", "void"),
            ("negative", "void"),
            ("positive", "differ"),
            ("negative", "differ"),
            ("void", "differ"),
        ],
    },
    Question {
        id: "confirmation",
        words: ["weak D", "阴性确认"],
        answers: &[
            Answer { id: "none", words: ["not confirmed", "未确认"] },
            Answer { id: "negative", words: ["confirmed negative", "确认阴性"] },
            Answer { id: "positive", words: ["weak or partial D", "弱D或部分D"] },
            Answer { id: "void", words: ["no confirmation that counts", "确认无效"] },
        ],
        worse: &[("negative", "void"), ("positive", "void")],
    },
    Question {
        id: "determinations",
        words: ["how many determinations", "检测次数"],
        answers: &[
            Answer { id: "enough", words: ["as many as required", "达到要求"] },
            Answer { id: "too_few", words: ["fewer than required", "不足"] },
        ],
        worse: &[("enough", "too_few")],
    },
    Question {
        id: "history",
        words: ["the type on record", "历史血型"],
        answers: &[
            Answer { id: "agrees", words: ["agrees with the type on record", "与历史一致"] },
            Answer { id: "none", words: ["no type on record", "无历史血型"] },
            Answer { id: "differs", words: ["not the type on record", "与历史不一致"] },
        ],
        worse: &[("agrees", "differs"), ("none", "differs")],
    },
];

pub(super) const QUANTITY: &[Question] = &[Question {
    id: "value",
    words: ["the number", "数值"],
    answers: &[
        Answer { id: "within", words: ["within the limits", "在限值内"] },
        Answer { id: "void", words: ["no result that counts", "无有效结果"] },
        Answer {
            id: "unit_unknown", words: ["in a unit the rule set does not know", "单位未知"]
        },
        Answer {
            id: "limit_unknown", words: ["which limit applies is not known", "限值无法确定"]
        },
        Answer { id: "below", words: ["below the lower limit", "低于下限"] },
        Answer { id: "above", words: ["above the upper limit", "高于上限"] },
    ],
    worse: &[
        ("within", "void"),
        ("within", "unit_unknown"),
        ("within", "limit_unknown"),
        ("within", "below"),
        ("within", "above"),
        ("void", "above"),
        ("void", "below"),
    ],
}];
