//! Verdicts, reasons, actions, labels, consequences and assays in the words of the trade, English
//! and Chinese. A reader in Chinese and one in English see the same verdict: no word here says more
//! than its code, and every code has words in both languages.

use crate::domain::{
    Action, Assay, DonationKind, DonorConsequence, Ground, Judgement, Label, ReasonCode, Sex,
    Verdict,
};

use super::content::Confidence;

/// A language that people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese, mainland terms.
    ZhCn,
}

/// A text in English and in Chinese.
pub type Words = [&'static str; 2];

impl Lang {
    /// Every language.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::ZhCn];

    /// Its tag (BCP 47).
    pub const fn id(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::ZhCn => "zh-CN",
        }
    }

    /// The language with this tag.
    pub fn from_id(id: &str) -> Option<Lang> {
        Lang::ALL.into_iter().find(|lang| lang.id() == id)
    }

    /// The one of two texts that is in this language.
    pub const fn of<T: Copy>(self, [english, chinese]: [T; 2]) -> T {
        match self {
            Lang::En => english,
            Lang::ZhCn => chinese,
        }
    }

    /// What stands between a subject and what is said of it.
    const fn colon(self) -> &'static str {
        self.of([": ", "："])
    }
}

/// A reason for people: `HBsAg: first result reactive; ...`, `HBsAg：初次反应性，...`. The subject
/// is an assay in the words of [`assay`], or whatever a code is about (`ABO#2`, a pool's id).
pub fn reason_text(code: ReasonCode, lang: Lang, subject: Option<&str>) -> String {
    told(lang.of(reason(code)), lang, subject)
}

/// The same with its text, where that says who did what and why: in no language is that left out.
pub fn reason_story(code: ReasonCode, lang: Lang, subject: Option<&str>, text: &str) -> String {
    let what = reason_text(code, lang, subject);
    let is_story = matches!(
        code,
        ReasonCode::RackMismatch
            | ReasonCode::Amended
            | ReasonCode::RegistrationCorrected
            | ReasonCode::MessageJudged
    );
    if is_story { format!("{what}{}{text}", lang.colon()) } else { what }
}

/// A next step for people, with its subject as [`reason_text`] has it.
pub fn action_text(wanted: Action, lang: Lang, subject: Option<&str>) -> String {
    told(lang.of(action(wanted)), lang, subject)
}

fn told(what: &str, lang: Lang, subject: Option<&str>) -> String {
    subject.map_or_else(|| what.to_owned(), |subject| format!("{subject}{}{what}", lang.colon()))
}

/// A verdict.
pub const fn verdict(verdict: Verdict) -> Words {
    match verdict {
        Verdict::Releasable => ["releasable", "合格，可放行"],
        Verdict::Pending => ["pending", "待定"],
        Verdict::Hold => ["hold", "暂扣"],
        Verdict::Reject => ["reject", "不合格"],
        Verdict::Recalled => ["recalled", "收回"],
    }
}

/// What the laboratory should do.
pub const fn action(action: Action) -> Words {
    match action {
        Action::Test => ["test", "检测"],
        Action::TestAgain => ["test again", "重新检测"],
        Action::RepeatInDuplicate => ["repeat in duplicate, same kit", "同试剂双孔复试"],
        Action::Review => ["a person must look", "人工复核"],
        Action::Register => ["inventory must register the donation", "由血液管理系统登记"],
        Action::TestSingly => ["test the members of the pool singly", "混样拆分检测"],
        Action::RunControls => ["run the controls", "做质控"],
        Action::PutOnRecord => ["put it on record", "补登记录"],
        Action::NewSpecimen => ["take a new specimen or a segment", "重新采样或取血辫"],
        Action::Sign => ["review and sign", "审核并签发"],
        Action::Confirm => ["send to the reference laboratory", "送确证实验室"],
        Action::IdentifyTubes => ["identify the tubes of the rack again", "逐管重新核对试管架"],
    }
}

/// What a proposal comes down to.
pub const fn ground(ground: Ground) -> Words {
    match ground {
        Ground::IdentityVerified => ["the tubes were identified again", "已重新核对样本身份"],
        Ground::WrongEntry => ["a wrong entry", "录入错误"],
        Ground::TestedElsewhere => {
            ["tested by another method or laboratory", "另法或外部实验室检测"]
        }
        Ground::InstrumentFault => ["a documented fault of the analyser", "仪器故障（有记录）"],
        Ground::WithoutMeaning => ["says nothing about the donation", "与该次献血无关"],
        Ground::ProfileMended => ["the profile was mended", "解析配置已修正"],
        Ground::MedicalDecision => ["a medical decision", "医学负责人决定"],
        Ground::Other => ["another ground", "其他理由"],
    }
}

/// What becomes of a message that could not be read completely.
pub const fn judgement(judgement: Judgement) -> Words {
    match judgement {
        Judgement::Accepted => ["accepted, what was understood counts", "接受，已识别内容计入"],
        Judgement::Rejected => ["rejected, nothing good in it counts", "拒收，其中有利结果不计入"],
        Judgement::ReadAgain => ["read again, the new reading counts", "重新解析，以新解析为准"],
    }
}

/// What components must be labelled with.
pub const fn label(label: Label) -> Words {
    match label {
        Label::RhdPositive => ["RhD positive", "RhD阳性"],
        Label::RhdNegative => ["RhD negative", "RhD阴性"],
        Label::CmvNegative => ["CMV antibody negative", "CMV抗体阴性"],
        Label::NotCmvNegative => ["not CMV negative", "不得标识为CMV阴性"],
        Label::Biohazard => ["biohazard, for the named patient alone", "生物危害，仅供指定患者"],
    }
}

/// What follows for the donor.
pub const fn consequence(consequence: DonorConsequence) -> Words {
    match consequence {
        DonorConsequence::None => ["none", "无"],
        DonorConsequence::Temporary => ["deferred for a time", "暂时屏蔽"],
        DonorConsequence::Permanent => ["deferred until requalified", "永久屏蔽（归队除外）"],
    }
}

/// How sure a clause is.
pub const fn confidence(confidence: Confidence) -> Words {
    match confidence {
        Confidence::Verified => ["V: read in the text itself", "V：已见原文"],
        Confidence::Secondary => ["S: read second-hand", "S：二手资料"],
        Confidence::General => ["G: general knowledge, no text seen", "G：一般认识，未见原文"],
        Confidence::Design => ["D: design, the careful reading", "D：设计取舍，从严"],
    }
}

/// What is made of a donation.
pub const fn donation_kind(kind: DonationKind) -> Words {
    match kind {
        DonationKind::WholeBlood => ["whole blood", "全血"],
        DonationKind::Platelets => ["platelets by apheresis", "单采血小板"],
        DonationKind::Plasma => ["plasma by apheresis", "单采血浆（输注用）"],
        DonationKind::SourcePlasma => ["plasma for fractionation only", "原料血浆"],
    }
}

/// A donor's sex.
pub const fn sex(sex: Sex) -> Words {
    match sex {
        Sex::Female => ["female", "女"],
        Sex::Male => ["male", "男"],
    }
}

/// An assay as laboratories write it.
pub const fn assay(assay: Assay) -> Words {
    match assay {
        Assay::Alt => ["ALT", "ALT"],
        Assay::Hbsag => ["HBsAg", "HBsAg"],
        Assay::AntiHcv => ["anti-HCV", "抗-HCV"],
        Assay::Hiv => ["HIV antigen/antibody", "HIV抗原抗体"],
        Assay::Tp => ["syphilis (TP)", "梅毒（抗-TP）"],
        Assay::Nat => ["HBV/HCV/HIV NAT", "HBV/HCV/HIV核酸"],
        Assay::HbvDna => ["HBV DNA", "HBV DNA"],
        Assay::HcvRna => ["HCV RNA", "HCV RNA"],
        Assay::HivRna => ["HIV RNA", "HIV RNA"],
        Assay::WnvRna => ["WNV RNA", "西尼罗病毒RNA"],
        Assay::Htlv => ["HTLV-I/II antibody", "抗-HTLV"],
        Assay::AntiHbc => ["anti-HBc", "抗-HBc"],
        Assay::Abo => ["ABO group", "ABO血型"],
        Assay::Rhd => ["RhD type", "RhD血型"],
        Assay::AntibodyScreen => ["antibody screen", "不规则抗体筛查"],
        Assay::Hb => ["haemoglobin", "血红蛋白"],
        Assay::AboForward => ["ABO forward typing", "ABO正定型"],
        Assay::AboReverse => ["ABO reverse typing", "ABO反定型"],
        Assay::WeakD => ["weak D", "RhD阴性确认"],
        Assay::AntiHbs => ["anti-HBs", "抗-HBs"],
        Assay::AntiCmv => ["CMV antibody", "抗-CMV"],
        Assay::HevRna => ["HEV RNA", "HEV RNA"],
        Assay::TCruzi => ["T. cruzi antibody", "抗-克氏锥虫"],
        Assay::Babesia => ["Babesia NAT", "巴贝虫核酸"],
        Assay::Malaria => ["malaria antibody", "疟原虫抗体"],
    }
}

macro_rules! reasons {
    ($($code:ident = [$english:literal, $chinese:literal $(,)?]),+ $(,)?) => {
        /// What a reason code says, without its subject.
        pub const fn reason(code: ReasonCode) -> Words {
            match code { $(ReasonCode::$code => [$english, $chinese]),+ }
        }
    };
}

reasons!(
    AllOk = ["every required check passed", "全部必检项目合格"],
    NotRegistered = ["inventory has not registered this donation", "该献血码未登记"],
    Missing = ["no result on record", "缺少结果"],
    Invalid = ["a result on record does not count", "结果无效，不计入"],
    Unaccounted = ["a result carries something nobody understood", "结果中有未能识别的内容"],
    UnprocessedMessage =
        ["a message that names this donation is not read", "涉及该献血码的报文未能读取",],
    InitialReactive =
        ["first result reactive; repeat in duplicate, same kit", "初次反应性，须同试剂双孔复试",],
    RetestIncomplete = ["repeats asked, not all of them count yet", "双孔复试未完成"],
    RetestWrongAssay =
        ["repeated with another kit than the first result", "复试所用试剂与初次不同",],
    RepeatReactive = ["repeat reactive", "复试反应性"],
    GreyZone = ["in the grey zone", "灰区"],
    AltHigh = ["ALT above the limit", "ALT超过限值"],
    UnitUnknown = ["in a unit that the rule set does not know", "单位不在规则集内"],
    AboDiscrepancy = ["ABO results differ", "ABO结果不一致"],
    RhdDiscrepancy = ["RhD results differ", "RhD结果不一致"],
    AboHistoryMismatch = ["ABO is not the group on record", "ABO与历史血型不一致"],
    RhdHistoryMismatch = ["RhD is not the type on record", "RhD与历史血型不一致"],
    DonorDeferred = ["the donor is deferred", "献血者已屏蔽"],
    DuplicateIdConflict =
        ["same donation, assay and time, two values", "同一献血码同一项目同一时间两个结果",],
    DuplicateTube =
        ["the donation number was read in two places at once", "同一献血码同时出现于两处",],
    ValueTextConflict = ["sign and number, or number and text, contradict", "数值与文字结论矛盾"],
    ResultFlagged = ["marked, or doubtful: a person must look", "结果带标记或存疑，须人工复核"],
    ResultWithdrawn = ["the analyser withdrew a result", "仪器撤回结果"],
    TimeImplausible = ["a result completed before the blood was drawn", "结果时间早于采血时间"],
    Recalled = ["withdrawn after it had been releasable", "放行后收回"],
    UnmatchedSample =
        ["a result names a donation that inventory does not know", "结果所属献血码无登记",],
    DinCheckFailed =
        ["the typed donation number fails its check character", "手工录入献血码校验位不符",],
    SameManufacturer = ["the kits of both rounds are of one maker", "两遍检测试剂为同一厂家"],
    SameOperator = ["the same person ran both rounds", "两遍检测为同一操作者"],
    PoolReactiveUnresolved =
        ["the pool is reactive, not all members tested singly", "混样反应性，拆分未完成",],
    PoolResolved =
        ["the pool was reactive, another member explains it", "混样反应性，已拆分至他人",],
    PoolNotResolved = ["the pool is reactive and no member is", "混样反应性，拆分均无反应性"],
    PoolMembersUnknown = ["who is in the pool is not on record, or twice", "混样成员未登记或重复"],
    PoolSizeExceeded = ["the pool is larger than the kit allows", "混样规模超过试剂允许范围"],
    ReagentExpired = ["the reagent lot had expired on the day of the run", "试剂在实验当日已过期"],
    ReagentNotReleased = ["the reagent lot is not released for use", "试剂批号未放行"],
    DeliveryNotAccepted = ["this delivery of the lot was not assessed", "该批号本次到货未验收"],
    LotRecalled = ["the reagent lot was recalled", "试剂批号已召回"],
    RunInvalid =
        ["a control of the run failed or is missing", "试剂盒对照失败或缺失，本次实验无效",],
    QcFailExternal = ["an external control is out of control", "室内质控失控"],
    QcMissing = ["a control that is needed is missing", "缺少应做的质控"],
    QcFailRetro = ["controls of an accepted run were found to have failed", "事后发现质控失败"],
    QcWarning = ["an external control warns", "室内质控警告"],
    WrongTube = ["tested in a container the kit is not validated for", "采样管不符合试剂要求"],
    SampleTooOld = ["the specimen was older than the kit allows", "标本超过检测时限"],
    NotSigned = ["not reviewed and signed since the last result", "末次结果后未审核签发"],
    DualReviewMissing = ["one person did what two must do", "未由不同人员双人审核"],
    DonorFlagged = ["the donor's record is flagged", "献血者记录有标记"],
    DonorPriorReactive =
        ["an earlier donation was reactive, not requalified", "既往反应性，未归队",],
    DonorMerge = ["two donor records were merged, one adverse", "档案合并，其一异常"],
    Reinstated = ["the donor was reinstated", "献血者已归队"],
    NatReactive = ["nucleic acid test reactive", "核酸检测反应性"],
    Reactive = ["reactive", "反应性"],
    NotDiscriminated =
        ["reactive, and no discriminatory test is: not negative", "鉴别无反应性，不判为阴性",],
    Corrected = ["corrected from nonreactive to reactive", "由无反应性更正为反应性"],
    CorrectedAfterRelease = ["corrected after the donation had been releasable", "放行后结果更正"],
    HbcExceptionNotMet =
        ["anti-HBc reactive, and what would allow it is not there", "抗-HBc反应性且不满足例外",],
    HbBelowLimit = ["haemoglobin below the limit", "血红蛋白低于限值"],
    HbAboveLimit = ["haemoglobin above the limit", "血红蛋白高于限值"],
    OutsideLimit = ["outside the limits", "超出限值"],
    AntibodyPositive = ["the red-cell antibody screen is positive", "不规则抗体筛查阳性"],
    AutologousBiohazard =
        ["autologous and reactive: for its donor alone", "自体血反应性，仅供本人",],
    LookbackOverdue = ["consignees were not told in time", "回溯告知超期"],
    ManualPath = ["released outside of this program, unit by unit", "系统外逐袋放行"],
    RulesetChanged = ["another rule set decided before; look again", "规则集已变，须复核"],
    RuleGap = ["the rule set says nothing of this case", "规则集未规定此情形"],
    InitialReactiveRecorded =
        ["reactive first; the repeats resolved it", "初次反应性，双孔复试无反应性",],
    Label = ["the components must be labelled", "成分须标识"],
    ReleaseStopped =
        ["all release is stopped: the rule set failed its self-test", "规则自检未通过，暂停放行",],
    RackMismatch = [
        "tubes of the rack were reported at other places than its manifest",
        "试管架上报位置与装架清单不符",
    ],
    Amended = ["amended by two people", "已由两人修正"],
    RegistrationCorrected =
        ["the registration was corrected by two people", "登记信息已由两人更正"],
    MessageJudged =
        ["two people judged a message that could not be read", "未能识别的报文已由两人判定"],
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every text of a kind, with the code it belongs to.
    fn all() -> Vec<(&'static str, Vec<Words>)> {
        vec![
            ("verdicts", Verdict::ALL.map(verdict).to_vec()),
            ("actions", Action::ALL.map(action).to_vec()),
            ("grounds", Ground::ALL.map(ground).to_vec()),
            ("judgements", Judgement::ALL.map(judgement).to_vec()),
            ("labels", Label::ALL.map(label).to_vec()),
            ("consequences", DonorConsequence::ALL.map(consequence).to_vec()),
            ("assays", Assay::ALL.map(assay).to_vec()),
            ("reasons", ReasonCode::ALL.map(reason).to_vec()),
        ]
    }

    #[test]
    fn no_two_codes_of_a_kind_read_the_same_in_either_language() {
        for (kind, texts) in all() {
            for lang in Lang::ALL {
                let told: BTreeSet<&str> = texts.iter().map(|words| lang.of(*words)).collect();
                assert_eq!(told.len(), texts.len(), "{kind} in {}", lang.id());
                assert!(told.iter().all(|text| !text.is_empty()), "{kind} in {}", lang.id());
            }
        }
    }

    #[test]
    fn chinese_is_chinese_and_english_is_ascii() {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c));
        for (kind, texts) in all() {
            for [english, translated] in texts {
                assert!(english.is_ascii(), "{kind}: {english}");
                assert!(kind == "assays" || chinese(translated), "{kind}: {translated}");
            }
        }
    }

    #[test]
    fn the_terms_are_those_of_the_trade() {
        assert_eq!(Lang::ZhCn.of(verdict(Verdict::Releasable)), "合格，可放行");
        assert_eq!(Lang::ZhCn.of(verdict(Verdict::Reject)), "不合格");
        assert_eq!(Lang::ZhCn.of(verdict(Verdict::Pending)), "待定");
        assert_eq!(Lang::ZhCn.of(verdict(Verdict::Hold)), "暂扣");
        assert_eq!(Lang::ZhCn.of(verdict(Verdict::Recalled)), "收回");
        let hbsag = Lang::ZhCn.of(assay(Assay::Hbsag));
        assert_eq!(
            reason_text(ReasonCode::InitialReactive, Lang::ZhCn, Some(hbsag)),
            "HBsAg：初次反应性，须同试剂双孔复试"
        );
        assert_eq!(
            reason_text(ReasonCode::Missing, Lang::En, Some("ABO#2")),
            "ABO#2: no result on record"
        );
        assert_eq!(reason_text(ReasonCode::AllOk, Lang::ZhCn, None), "全部必检项目合格");
        assert_eq!(
            reason_story(ReasonCode::Amended, Lang::ZhCn, None, "by li and wang"),
            "已由两人修正：by li and wang"
        );
        assert_eq!(reason_story(ReasonCode::AllOk, Lang::ZhCn, None, "x"), "全部必检项目合格");
        assert_eq!(action_text(Action::TestSingly, Lang::ZhCn, Some("P17")), "P17：混样拆分检测");
    }

    #[test]
    fn a_language_has_one_tag() {
        for lang in Lang::ALL {
            assert_eq!(Lang::from_id(lang.id()), Some(lang));
        }
        assert_eq!(Lang::from_id("zh"), None);
    }
}
