//! The questions about one result: its reagent, its run, its specimen.

use super::{Answer, Question};

pub(super) const REAGENT: &[Question] = &[
    Question {
        id: "lot",
        words: ["the lot", "批号"],
        answers: &[
            Answer { id: "released", words: ["the lot is released for use", "批号已放行"] },
            Answer { id: "not_recorded", words: ["the lot is not on record", "批号无记录"] },
            Answer {
                id: "delivery_not_accepted",
                words: ["this delivery of the lot was not assessed", "本批次到货未验收"],
            },
            Answer {
                id: "not_released", words: ["the lot is not released for use", "批号未放行"]
            },
            Answer { id: "recalled", words: ["the lot was recalled", "批号已召回"] },
        ],
        worse: &[
            ("released", "not_recorded"),
            ("released", "delivery_not_accepted"),
            ("released", "not_released"),
            ("released", "recalled"),
            ("delivery_not_accepted", "recalled"),
            ("not_released", "recalled"),
            ("not_recorded", "recalled"),
        ],
    },
    Question {
        id: "expiry",
        words: ["its last day", "效期"],
        answers: &[
            Answer { id: "in_date", words: ["in date on the day of the run", "在效期内"] },
            Answer {
                id: "not_recorded",
                words: ["the last day of the lot is not on record", "效期无记录"],
            },
            Answer {
                id: "expired", words: ["expired on the day of the run", "实验当日已过期"]
            },
        ],
        worse: &[("in_date", "expired"), ("in_date", "not_recorded"), ("not_recorded", "expired")],
    },
];

pub(super) const RUN: &[Question] = &[
    Question {
        id: "kit_controls",
        words: ["the kit's own controls", "试剂盒对照"],
        answers: &[
            Answer {
                id: "passed",
                words: ["all controls of the kit passed", "试剂盒对照全部在控"],
            },
            Answer {
                id: "not_recorded",
                words: ["not all controls of the kit are on record", "试剂盒对照记录不全"],
            },
            Answer {
                id: "failed", words: ["a control of the kit failed", "试剂盒对照失败"]
            },
        ],
        worse: &[("passed", "not_recorded"), ("passed", "failed"), ("not_recorded", "failed")],
    },
    Question {
        id: "external",
        words: ["external controls", "室内质控"],
        answers: &[
            Answer { id: "passed", words: ["external controls in control", "室内质控在控"] },
            Answer {
                id: "not_recorded",
                words: ["no external control on record", "无室内质控记录"],
            },
            Answer {
                id: "warning",
                words: ["an external control warns (by the rules that only warn)", "室内质控警告"],
            },
            Answer {
                id: "out_of_control",
                words: ["an external control is out of control", "室内质控失控"],
            },
            Answer {
                id: "wrong_reading",
                words: ["an external control reads other than it must", "室内质控结果错误"],
            },
        ],
        worse: &[
            ("passed", "not_recorded"),
            ("passed", "warning"),
            ("passed", "out_of_control"),
            ("passed", "wrong_reading"),
            ("warning", "out_of_control"),
            ("warning", "wrong_reading"),
            ("not_recorded", "out_of_control"),
            ("not_recorded", "wrong_reading"),
        ],
    },
    Question {
        id: "bracket",
        words: ["the control after the result", "后置质控"],
        answers: &[
            Answer {
                id: "closed",
                words: ["a control after the result is on record", "后置质控已记录"],
            },
            Answer {
                id: "open", words: ["no control after the result yet", "后置质控未记录"]
            },
        ],
        worse: &[("closed", "open")],
    },
    Question {
        id: "failed_later",
        words: ["failures found later", "事后发现"],
        answers: &[
            Answer { id: "no", words: ["nothing found later", "事后无异常"] },
            Answer {
                id: "yes",
                words: ["a failure was found after the run had been accepted", "事后发现质控失败"],
            },
        ],
        worse: &[("no", "yes")],
    },
];

pub(super) const SPECIMEN: &[Question] = &[
    Question {
        id: "container",
        words: ["the container", "采样管"],
        answers: &[
            Answer {
                id: "right",
                words: ["a container the kit is validated for", "采样管符合要求"],
            },
            Answer {
                id: "not_recorded",
                words: ["the container is not on record", "采样管无记录"],
            },
            Answer {
                id: "wrong",
                words: ["a container the kit is not validated for", "采样管不符"],
            },
        ],
        worse: &[("right", "wrong"), ("right", "not_recorded"), ("not_recorded", "wrong")],
    },
    Question {
        id: "age",
        words: ["its age at the test", "标本时限"],
        answers: &[
            Answer { id: "within", words: ["within the time the kit allows", "在时限内"] },
            Answer { id: "not_recorded", words: ["its age cannot be known", "时限无法判断"] },
            Answer { id: "too_old", words: ["older than the kit allows", "超过时限"] },
        ],
        worse: &[("within", "too_old"), ("within", "not_recorded"), ("not_recorded", "too_old")],
    },
];
