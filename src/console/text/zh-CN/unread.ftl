# Messages that could not be understood
unread-title = 未识别报文
unread-intro = 仪器发来而未能完整识别的报文。报文予以保留，并阻止其涉及的所有献血，直至两人作出判定。
unread-none = 所有报文均已完整识别。
unread-message = 报文
unread-age = 已等待
unread-age-minutes = { $count } 分钟
unread-age-hours = { $count } 小时
unread-age-days = { $count } 天
unread-what = 未识别内容
unread-blocked = 被阻止的献血
unread-standing = 状态
unread-cut = 传输中断
unread-cut-why = 传输中断：{ $why }。仪器会重新发送；完整报文到达后，本报文不再阻止任何献血。
unread-faults = { $count } 处
unread-fault = 第 { $offset } 字节：{ $words }
unread-more = 另有 { $count } 份献血
unread-blocks-nothing = 未涉及任何献血。
unread-proposed = 等待第二人
unread-nobody = 尚无人查看
unread-next = 下一页

unread-open = 未完整识别，尚未判定
unread-read = 已完整识别
unread-made-good = 已由报文 { $message } 补全
unread-judged = { $judgement }：{ $one } 提出，{ $other } 同意
unread-was-agreed = { $judgement }：{ $by } 提出（{ $words }），{ $other } 于 { $time } 同意。
unread-was-turned-down = { $judgement }：{ $by } 提出（{ $words }），{ $other } 于 { $time } 否决。

unread-not-understood = 未识别内容
unread-byte = 字节
unread-donations = 涉及的献血
unread-bytes = 报文原文及各部分的含义
unread-highlighted = 高亮：无人识别或存疑的内容。
unread-results = 从中识别的结果
unread-history = 已有的判定

unread-judge = 如何处置
unread-judge-how = 请选择一项。下一页显示每份献血将如何变化；在另一人同意之前不产生任何改变。
unread-choose = 请选择如何处置该报文：系统不作任何预选。
unread-choose-judgement = 请选择如何处置该报文。
unread-may-not = 您的角色不能判定报文。
unread-meaning-accepted = 未识别内容无关紧要。已识别内容有效，该报文不再阻止任何献血。
unread-meaning-rejected = 该报文中有利的内容不予采用，不利的内容保留。须重新检测。
unread-meaning-read-again = 以现行仪器配置重新识别相同字节，以新识别为准；原识别只保留不利内容。
unread-proposed-already = 报文 { $what } 已有提议：请先同意或否决。
unread-not-again = 不能重新识别：此处未配置 { $analyser }，或该报文传输中断。
unread-analyser-gone = 不能重新识别：此处未配置 { $what }，或该报文传输中断。

unread-outlook = 每份献血将如何变化
unread-donation = 献血码
unread-now = 现在
unread-then = 之后
unread-same = 不变
unread-no-verdict = 未登记
unread-changes-nothing = 没有献血会改变。
unread-refused = 不能这样处置：{ $why }。
unread-propose = 提出
unread-propose-meaning = 签名即声明：本人已查看该报文及每份献血将发生的变化。须由另一人同意后方才生效。
unread-propose-button = 提出并签名
unread-agree-meaning = 签名即声明：本人已查看该报文及每份献血将发生的变化，同意生效；本人不是提出者。

unread-done-proposed = 已提出。在另一人同意之前不产生任何改变。
unread-done-agreed = 已同意。相关献血已重新得出结论。
unread-done-turned-down = 已否决。不产生任何改变。
