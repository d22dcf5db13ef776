//! What a rule set may ask: the questions of each kind of table, the answers that facts can give,
//! which answer is another one with an adverse fact added, and what may never be released.
//!
//! This is the finite abstraction of facts that a rule set is proved over. The questions are the
//! program's (see `decide` and its neighbours for how facts answer them); what follows from the
//! answers is the rule set's.

/// A kind of table: what it judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Judges {
    /// The donation as inventory knows it.
    Registration,
    /// The donor.
    Donor,
    /// Review and signature.
    Signature,
    /// The way of release.
    Process,
    /// The reagent lot of a result.
    Reagent,
    /// The controls of the run of a result.
    Run,
    /// The specimen of a result.
    Specimen,
    /// The course of testing of one marker with one kit.
    Marker,
    /// Enough results of a required test.
    Rounds,
    /// A pool that the donation is in.
    Pool,
    /// ABO group.
    Abo,
    /// RhD type.
    Rhd,
    /// A number against limits.
    Quantity,
    /// A marker that labels and bars none.
    Label,
}

/// A question of a kind of table.
#[derive(Debug)]
pub struct Question {
    /// Its id: the key in a row.
    pub id: &'static str,
    /// What is asked, English and Chinese.
    pub words: [&'static str; 2],
    /// Every answer that facts can give.
    pub answers: &'static [Answer],
    /// Pairs of answers: the second is the first with an adverse fact added.
    pub worse: &'static [(&'static str, &'static str)],
}

/// An answer to a question.
#[derive(Debug)]
pub struct Answer {
    /// Its id: the word in a row.
    pub id: &'static str,
    /// What it says, English and Chinese.
    pub words: [&'static str; 2],
}

impl Question {
    /// The place of an answer among the answers.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.answers.iter().position(|answer| answer.id == id)
    }
}

impl Judges {
    /// Every kind.
    pub const ALL: [Judges; 14] = [
        Judges::Registration,
        Judges::Donor,
        Judges::Signature,
        Judges::Process,
        Judges::Reagent,
        Judges::Run,
        Judges::Specimen,
        Judges::Marker,
        Judges::Rounds,
        Judges::Pool,
        Judges::Abo,
        Judges::Rhd,
        Judges::Quantity,
        Judges::Label,
    ];

    /// The word in a file.
    pub const fn id(self) -> &'static str {
        match self {
            Judges::Registration => "registration",
            Judges::Donor => "donor",
            Judges::Signature => "signature",
            Judges::Process => "process",
            Judges::Reagent => "reagent",
            Judges::Run => "run",
            Judges::Specimen => "specimen",
            Judges::Marker => "marker",
            Judges::Rounds => "rounds",
            Judges::Pool => "pool",
            Judges::Abo => "abo",
            Judges::Rhd => "rhd",
            Judges::Quantity => "quantity",
            Judges::Label => "label",
        }
    }

    /// The kind with this word.
    pub fn from_id(id: &str) -> Option<Judges> {
        Judges::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// What it judges, English and Chinese.
    pub const fn words(self) -> [&'static str; 2] {
        match self {
            Judges::Registration => ["The donation as inventory knows it", "献血登记"],
            Judges::Donor => ["The donor", "献血者"],
            Judges::Signature => ["Review and signature", "审核与签发"],
            Judges::Process => ["The way of release", "放行流程"],
            Judges::Reagent => ["The reagent lot of a result", "试剂批号"],
            Judges::Run => ["The controls of the run of a result", "质控"],
            Judges::Specimen => ["The specimen of a result", "标本"],
            Judges::Marker => {
                ["The course of testing of one marker with one kit", "标志物检测过程"]
            }
            Judges::Rounds => ["Enough results of a required test", "检测次数"],
            Judges::Pool => ["A pool that the donation is in", "混样"],
            Judges::Abo => ["ABO group", "ABO血型"],
            Judges::Rhd => ["RhD type", "RhD血型"],
            Judges::Quantity => ["A number against limits", "定量结果"],
            Judges::Label => ["A marker that labels and bars none", "仅标识"],
        }
    }

    /// Its questions.
    pub const fn questions(self) -> &'static [Question] {
        match self {
            Judges::Registration => REGISTRATION,
            Judges::Donor => DONOR,
            Judges::Signature => SIGNATURE,
            Judges::Process => PROCESS,
            Judges::Reagent => REAGENT,
            Judges::Run => RUN,
            Judges::Specimen => SPECIMEN,
            Judges::Marker => MARKER,
            Judges::Rounds => ROUNDS,
            Judges::Pool => POOL,
            Judges::Abo => ABO,
            Judges::Rhd => RHD,
            Judges::Quantity => QUANTITY,
            Judges::Label => LABEL,
        }
    }
}

const REGISTRATION: &[Question] = &[
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

const DONOR: &[Question] = &[
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

const SIGNATURE: &[Question] = &[
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

const PROCESS: &[Question] = &[
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

const REAGENT: &[Question] = &[
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

const RUN: &[Question] = &[
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

const SPECIMEN: &[Question] = &[
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

const MARKER: &[Question] = &[
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
            Answer { id: "no", words: ["nothing corrected to reactive", "无更正为反应性"] },
            Answer {
                id: "to_reactive",
                words: ["corrected from nonreactive to reactive", "由无反应性更正为反应性"],
            },
        ],
        worse: &[("no", "to_reactive")],
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

const ROUNDS: &[Question] = &[
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

const POOL: &[Question] = &[
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
        worse: &[
            ("nonreactive", "void"),
            ("nonreactive", "reactive"),
            ("none", "reactive"),
            ("void", "reactive"),
        ],
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

const ABO: &[Question] = &[
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

const RHD: &[Question] = &[
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
        worse: &[
            ("negative", "none"),
            ("negative", "void"),
            ("positive", "none"),
            ("positive", "void"),
        ],
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

const QUANTITY: &[Question] = &[Question {
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

const LABEL: &[Question] = &[Question {
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
