//! The headings and sentences of the document, English and Chinese.

use super::super::words::Words;

pub(super) const TITLE: Words = ["Validation document of rule set ", "规则集确认文件："];
pub(super) const WHAT: Words = ["What", "项目"];
pub(super) const VALUE: Words = ["Value", "内容"];
pub(super) const NAME: Words = ["Name", "名称"];
pub(super) const VERSION: Words = ["Version", "版本"];
pub(super) const DATED: Words = ["Dated", "日期"];
pub(super) const SHA256: Words = ["SHA-256 of its text", "文本SHA-256"];
pub(super) const PROGRAM: Words = ["Written by", "生成程序"];

pub(super) const STATUS: Words = ["Status", "状态"];
pub(super) const VERBATIM: Words = ["In the words of the file.", "以下为规则集文件原文，未翻译。"];

pub(super) const SWITCHES: Words = ["What the site chooses", "本机构的选择"];
pub(super) const NO_SWITCHES: Words = ["The set leaves nothing to the site.", "本规则集无可选项。"];
pub(super) const SWITCH: Words = ["Switch", "开关"];
pub(super) const CHOSEN: Words = ["Chosen", "当前选择"];
pub(super) const BY_THE_SITE: Words = ["by the site", "本机构"];
pub(super) const CHOICES: Words = ["Choices", "可选"];
pub(super) const TEXT: Words = ["Text", "内容"];
pub(super) const CLAUSE: Words = ["Clause", "条款"];

pub(super) const REQUIRED_TESTS: Words = ["Required tests by donation", "各类献血的必检项目"];
pub(super) const REQUIRED_AS_OF: Words = [
    "For donations collected on the day of the rule set or later, unless a day is named. \
     Autologous donations need the same tests as others.",
    "适用于规则集日期当日及以后采集的献血，另注日期者除外。自体献血的必检项目与其他献血相同。",
];
pub(super) const CHECK: Words = ["Check", "检查"];
pub(super) const REQUIRED: Words = ["required", "必检"];
pub(super) const WHERE_RUN: Words = ["where run", "检测则须合格"];
pub(super) const FROM: Words = ["From", "起"];
pub(super) const UNTIL: Words = ["Until", "止"];
pub(super) const EVIDENCE: Words = ["Evidence (any one)", "依据（任一即可）"];

pub(super) const HOW_JUDGED: Words = ["How each test is judged", "各项目的判定"];
pub(super) const JUDGED_BY: Words = ["Table", "判定表"];
pub(super) const KITS: Words = ["Kits", "试剂数"];
pub(super) const REPEATS: Words = ["Repeats", "复试次数"];
pub(super) const SAME_KIT: Words = ["same kit", "同试剂"];
pub(super) const ANY_KIT: Words = ["any kit", "试剂不限"];
pub(super) const OTHER_TABLES: Words = ["Tables beside it", "其他判定表"];
pub(super) const DISCRIMINATORY: Words = ["Discriminatory tests", "鉴别试验"];
pub(super) const DETERMINATIONS: Words =
    ["Determinations: first, known donor", "检测次数：首次、再次"];
pub(super) const HISTORY: Words = ["Group on record", "历史血型"];
pub(super) const MUST_AGREE: Words = ["must agree", "须一致"];
pub(super) const NOT_COMPARED: Words = ["not compared", "不比对"];
pub(super) const CONFIRMED_BY: Words = ["Confirmed by", "确认试验"];
pub(super) const GROUPS: Words = ["Blood groups", "血型"];

pub(super) const LIMITS: Words = ["Limits", "限值"];
pub(super) const LIMITS_LAST: Words = [
    "Of the limits that fit a donation, the last applies. A number at the limit is inside unless \
     it says otherwise.",
    "适用于该献血的限值中以最后一条为准。除注明者外，等于限值为合格。",
];
pub(super) const SEX: Words = ["Sex", "性别"];
pub(super) const KINDS: Words = ["Donations", "献血类别"];
pub(super) const BELOW: Words = ["Outside below", "低于此值不合格"];
pub(super) const ABOVE: Words = ["Outside above", "高于此值不合格"];
pub(super) const AT_THE_LIMIT: Words = ["At the limit", "等于限值"];
pub(super) const OUTSIDE: Words = ["outside", "不合格"];
pub(super) const INSIDE: Words = ["inside", "合格"];
pub(super) const UNITS: Words = ["Units", "单位"];
pub(super) const WITHIN_MONTHS: Words = ["Months before collection", "采血前几个月内"];
pub(super) const ALL: Words = ["all", "全部"];
pub(super) const NOT_JUDGED: Words = ["Not judged", "不判定的项目"];
pub(super) const CONTROL_RULES: Words = ["Status and control rules", "结果状态与质控规则"];
pub(super) const WITHOUT_STATUS: Words = ["A result without a status", "无状态的结果"];
pub(super) const COUNTS: Words = ["counts", "计入"];
pub(super) const COUNTS_NOT: Words = ["does not count", "不计入"];
pub(super) const WARNS: Words = ["Warns", "警告"];
pub(super) const OUT_OF_CONTROL: Words = ["Out of control", "失控"];

pub(super) const TABLES: Words = ["Tables", "判定表"];
pub(super) const HIT_POLICY: Words = [
    "Of the rows that fit, the worst verdict decides, and all rows with that verdict give their \
     reasons. Over all tables the worst wins. What fits no row is held.",
    "适用的各行中以最严重的结论为准，结论相同的各行均给出原因。各判定表之间亦以最严重者为准。\
     无一行适用时暂扣。",
];
pub(super) const JUDGES: Words = ["It judges", "判定对象"];
pub(super) const USED_BY: Words = ["used by", "用于"];
pub(super) const DONATION: Words = ["the donation as a whole", "整份献血"];
pub(super) const ROW: Words = ["Line", "行号"];
pub(super) const ANY: Words = ["any", "任意"];
pub(super) const VERDICT: Words = ["Then", "结论"];
pub(super) const PASS: Words = ["passes", "通过"];
pub(super) const COUNTS_HERE: Words = ["counts", "结果有效"];
pub(super) const VOID_HERE: Words = ["pending: does not count", "待定：结果无效"];
pub(super) const BLOCKED_HERE: Words =
    ["hold: counts against release only", "暂扣：仅不利结果计入"];
pub(super) const REASON: Words = ["Reason", "原因"];
pub(super) const NEXT: Words = ["Next step", "下一步"];
pub(super) const LABEL: Words = ["Label", "标识"];
pub(super) const DONOR: Words = ["Donor", "献血者"];
pub(super) const NEVER_PASSES: Words =
    ["Never passes, whatever the rows say:", "无论如何不得通过："];

pub(super) const ALWAYS: Words = ["What no rule set can switch off", "任何规则集不能关闭的规则"];
/// What holds whatever a file says.
pub(super) const NEVER_OFF: [Words; 12] = [
    [
        "A missing, unreadable or preliminary result is never nonreactive.",
        "缺失、无法读取或非最终的结果绝不视为无反应性。",
    ],
    [
        "A test code that nobody mapped, a piece of a result that nobody understood and a message \
         that could not be read block release.",
        "未对应的项目代码、未能识别的结果内容、未能读取的报文均阻止放行。",
    ],
    [
        "A reactive result on record is never forgotten, and a result that is sent again is no \
         second result.",
        "已记录的反应性结果永不忽略，重复传送的结果不算第二次检测。",
    ],
    ["Once a repeat was reactive, no further repeat helps.", "复试一旦反应性，再做复试亦无效。"],
    ["A correction can make a verdict worse, never better.", "更正只能使结论更严，不能放宽。"],
    [
        "Two values of one test at one moment, one number at two places at once, a number that \
         contradicts its text, and a result older than its donation are held for a person.",
        "同一时间同一项目两个结果、同一献血码同时出现于两处、数值与文字矛盾、结果早于采血，\
         均暂扣待人工处理。",
    ],
    [
        "The latest result of a test must count; after one that does not, the test is run again.",
        "最近一次结果必须有效；无效之后须重新检测。",
    ],
    [
        "Only positive evidence releases: every required check must be on record as run and \
         passed.",
        "放行须有肯定依据：每一必检项目均有记录且合格。",
    ],
    [
        "What was released and is found wanting is recalled, and stays recalled.",
        "放行后发现问题即收回，且不再恢复。",
    ],
    [
        "What fits no row of a table is held, and what must never pass does not pass: a file of \
         which that cannot be shown is refused.",
        "无一行适用即暂扣；不得通过者不能通过：不能证明这一点的文件不予采用。",
    ],
    [
        "A rack that an analyser reported at other places than its manifest holds every tube of \
         it: of that analyser's results nothing good counts until the test is done again from another \
         loading, or two people identified the tubes.",
        "仪器上报位置与装架清单不符的试管架，整架暂扣：该仪器对其结果中有利者均不计入，\
         直至换架重新检测或由两人核对样本。",
    ],
    [
        "One person, in whatever role, makes no verdict better. Two people may amend what holds or \
         rejects, as it was looked at; it stays visible, what is missing stays missing, and what \
         is recalled stays recalled.",
        "任何角色均不能由一人放宽结论。两人可就其所见修正暂扣或不合格的原因；原因始终可见，\
         缺项仍为缺项，收回不再恢复。",
    ],
];

pub(super) const PROOF: Words = ["What was shown", "证明摘要"];
pub(super) const PROVED: [Words; 3] = [
    [
        "Every table was gone through for every combination of answers that facts can give: each \
         combination has one verdict, nothing that must never pass passes, and every row decides \
         somewhere. Combinations: ",
        "对每个判定表逐一检查了事实可能给出的全部答案组合：每种组合有且仅有一个结论，不得通过者无一通过，\
         每一行都在某处起作用。组合数：",
    ],
    [
        "Steps from an answer to a more adverse one, none of which improves a verdict: ",
        "由任一答案变为更不利答案均不使结论变好。检查步数：",
    ],
    [
        "Because the worst table wins, this holds for all combinations of answers about a \
         donation: ",
        "因以最严重的判定表为准，上述结论适用于一份献血的全部答案组合：",
    ],
];
pub(super) const TABLE: Words = ["Table", "判定表"];
pub(super) const ROWS: Words = ["Rows", "行数"];
pub(super) const COMBINATIONS: Words = ["Combinations", "组合数"];
pub(super) const PASSES_ANYWAY: Words = [
    "What passes although another answer would be better, everything else in order",
    "其余均正常时，以下情形虽非最佳仍可通过",
];
pub(super) const NOTHING_ELSE: Words = ["Nothing.", "无。"];

pub(super) const CASES: Words = ["Decision cases", "判定案例"];
pub(super) const NO_CASES: Words =
    ["No case file was run for this document.", "本文件生成时未运行案例文件。"];
pub(super) const CASES_PASSED: [Words; 2] = [["As expected: ", "与预期一致："], [".", "。"]];
pub(super) const CASE: Words = ["Case", "案例"];
pub(super) const GIVEN: Words = ["Given", "条件"];
pub(super) const DECIDED: Words = ["Decided", "结论"];
pub(super) const AGREES: Words = ["As expected", "与预期一致"];
pub(super) const YES: Words = ["yes", "是"];
pub(super) const NO: Words = ["NO", "否"];

pub(super) const CLAUSES: Words = ["Clauses", "条款"];
pub(super) const SOURCE: Words = ["Source", "出处"];
pub(super) const CONFIDENCE: Words = ["Sure", "可信度"];
pub(super) const COMPARED: Words = ["Compared with the printed text", "已与原文核对"];

pub(super) const SIGNATURES: Words = ["Signatures", "签字"];
pub(super) const SIGNED_FOR: Words = [
    "Two different people sign that this document was compared with the rules in force and that \
     the set with the SHA-256 above may be used at this site.",
    "由两名不同人员签字，确认本文件已与现行规定逐条核对，且上述SHA-256对应的规则集可在本机构使用。",
];
pub(super) const ROLE: Words = ["Role", "角色"];
pub(super) const PERSON: Words = ["Name in print", "姓名（正楷）"];
pub(super) const SIGNATURE: Words = ["Signature", "签名"];
pub(super) const DATE: Words = ["Date", "日期"];
pub(super) const COMPARED_BY: Words = ["Compared by", "核对人"];
pub(super) const APPROVED_BY: Words = ["Approved by", "批准人"];
