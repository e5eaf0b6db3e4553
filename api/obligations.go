package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// ObligationPath addresses an obligation.
type ObligationPath struct {
	Plan    string `path:"plan" maxLength:"64" example:"changning-2024" doc:"方案代码"`
	Measure string `path:"measure" maxLength:"64" example:"10.1" doc:"分项任务编号"`
	Unit    string `path:"unit" maxLength:"64" doc:"责任单位代码"`
	Period  string `path:"period" maxLength:"64" example:"2026H1" doc:"周期代码"`
}

func (p ObligationPath) id() obligation.ID { return obligation.ID(p) }

// Paging asks for one page.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"512" doc:"上一页的 next；不填为第一页"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"每页条数"`
}

// ListInput asks for one page of a list.
type ListInput struct {
	Paging
	Selection
}

// Obligation is an obligation in a list.
type Obligation struct {
	Plan          string             `json:"plan" doc:"方案代码"`
	Measure       string             `json:"measure" doc:"分项任务编号"`
	Unit          string             `json:"unit" doc:"责任单位代码"`
	Period        string             `json:"period" doc:"周期代码"`
	Seq           int                `json:"seq" doc:"台账序号：每有一件事发生就加一，可作为办理时的 If-Match"`
	Task          string             `json:"task" doc:"任务编号"`
	Title         string             `json:"title" doc:"分项任务标题"`
	UnitName      string             `json:"unitName" doc:"责任单位名称"`
	PeriodLabel   string             `json:"periodLabel" doc:"周期名称"`
	Stage         obligation.Stage   `json:"stage" enum:"open,signed,submitted,returned,accepted,waived,history" doc:"状态"`
	StageLabel    string             `json:"stageLabel" doc:"状态名称"`
	Light         obligation.Light   `json:"light" enum:"green,yellow,red,none" doc:"此刻的亮灯"`
	LightLabel    string             `json:"lightLabel" doc:"亮灯名称"`
	Due           calendar.Date      `json:"due" format:"date" doc:"到期日"`
	OriginalDue   calendar.Date      `json:"originalDue" format:"date" doc:"最初的到期日"`
	Deadline      calendar.Date      `json:"deadline" format:"date" doc:"现在的期限：到期日，或退回后的补正期限"`
	WasOverdue    bool               `json:"wasOverdue" doc:"曾经逾期；办结后仍保留"`
	BeforeIssue   bool               `json:"beforeIssue,omitempty" doc:"到期日早于方案印发日：保留并标记，不升级"`
	Provisional   bool               `json:"provisional,omitempty" doc:"日期涉及节假日安排尚未公布的年份，为暂定"`
	Outcome       obligation.Outcome `json:"outcome,omitempty" doc:"补录或仍需办理的情况"`
	OutcomeLabel  string             `json:"outcomeLabel,omitempty" doc:"情况名称"`
	Rung          obligation.Rung    `json:"rung,omitempty" doc:"已采取的最高升级措施"`
	RungLabel     string             `json:"rungLabel,omitempty" doc:"升级措施名称"`
	WaitingOn     string             `json:"waitingOn,omitempty" doc:"等谁办理：单位代码或 office；办结后没有"`
	WaitingOnName string             `json:"waitingOnName,omitempty" doc:"等谁办理"`
	NextAt        time.Time          `json:"nextAt,omitzero" doc:"下一步的时间；没有下一步时不出现"`
	NextLabel     string             `json:"nextLabel,omitempty" doc:"下一步"`
	Updated       time.Time          `json:"updated" doc:"最近变动"`
	Application   *Application       `json:"application,omitempty" doc:"待答复的延期申请；没有则不出现"`
	Extensions    int                `json:"extensions,omitempty" doc:"已同意的延期次数；没有则不出现"`
	FindingOf     string             `json:"findingOf,omitempty" doc:"由哪次督导检查交办：方案/分项任务/单位/周期；不是检查交办的不出现"`
	Inspection    bool               `json:"inspection,omitempty" doc:"是一次督导检查；不是的不出现"`
	PartOf        string             `json:"partOf,omitempty" doc:"从哪个责任事项分解而来：方案/分项任务/单位/周期；不是分解来的不出现"`
	Liaison       string             `json:"liaison,omitempty" doc:"联络员；移交过的才有"`
	Delegation    *Delegation        `json:"delegation,omitempty" doc:"最近一次委托代办；没有或已结束则不出现"`
	Progress      *Progress          `json:"progress,omitempty" doc:"责任单位最近报告的进展；没有则不出现"`
	SentBack      *Objection         `json:"sentBack,omitempty" doc:"责任单位退回（不属本单位），待答复；没有则不出现"`
	Suspended     *Suspension        `json:"suspended,omitempty" doc:"正在中止；没有则不出现"`
	SuspendedDays int                `json:"suspendedDays,omitempty" doc:"期限因中止顺延的工作日数；没有则不出现"`
	Promoted      string             `json:"promoted,omitempty" doc:"督导检查的问题已转为重大隐患的，隐患编号；没有转的不出现"`
	Hazard        string             `json:"hazard,omitempty" doc:"是隐患的，其编号；不是的不出现"`
}

// Progress is what the unit last told of how far it is.
type Progress struct {
	At      time.Time `json:"at" doc:"报告时间"`
	Percent *int      `json:"percent,omitempty" doc:"最近一次报告的完成百分比"`
	Text    string    `json:"text,omitempty" doc:"进展情况"`
}

// Objection is a unit's word that an obligation is not its own.
type Objection struct {
	At     time.Time `json:"at" doc:"退回时间"`
	Reason string    `json:"reason" doc:"理由"`
}

// Suspension is the time in which nobody has to deliver.
type Suspension struct {
	Since  time.Time `json:"since" doc:"中止时间"`
	Reason string    `json:"reason" doc:"理由"`
}

// Application is an application for more time that awaits the office.
type Application struct {
	At  time.Time     `json:"at" doc:"申请时间"`
	Due calendar.Date `json:"due" format:"date" doc:"申请延至"`
}

// ObligationDetail is everything about one obligation but its ledger.
type ObligationDetail struct {
	Obligation
	Quote     string         `json:"quote" doc:"依据：方案原句"`
	Done      string         `json:"done,omitempty" doc:"完成标准"`
	Form      plan.Form      `json:"form,omitempty" enum:"monthly" doc:"报送时填的表单：monthly 月报；没有则不出现"`
	Ladder    Ladder         `json:"ladder" doc:"升级阶梯；交办时确定"`
	Opened    time.Time      `json:"opened,omitzero" doc:"交办时间"`
	Signed    time.Time      `json:"signed,omitzero" doc:"签收时间"`
	Submitted time.Time      `json:"submitted,omitzero" doc:"最近一次报送时间"`
	Closed    time.Time      `json:"closed,omitzero" doc:"办结时间"`
	Returns   int            `json:"returns" doc:"退回次数"`
	Asked     int            `json:"asked" doc:"申请延期的次数"`
	Allowed   int            `json:"extensionsAllowed" doc:"最多可以同意的延期次数；0 为不允许延期"`
	Next      *NextStep      `json:"next,omitempty" doc:"下一步；没有时在等人办理或已办结"`
	Draft     *RungRef       `json:"draft,omitempty" doc:"待签发的文书"`
	Report    string         `json:"report,omitempty" doc:"督导检查登记后，按检查情况拟的完成情况；没有则不出现"`
	Formals   []Formal       `json:"formals" doc:"已拟文书的升级措施"`
	Parts     []Part         `json:"parts,omitempty" doc:"分解给配合单位的事项；没有则不出现"`
	Evidence  []EvidenceItem `json:"evidence,omitempty" doc:"佐证材料，按上传时间排列；没有则不出现"`
	Recent    []Event        `json:"recent,omitempty" doc:"最近由人办理的几条台账（最后一条、另一方的最后一条、改变期限的一条），新的在前；没有则不出现"`
	Workflow  string         `json:"workflow,omitempty" doc:"在 Temporal 界面中查看流程的地址"`
}

// NextStep is what falls due next by itself, and why.
type NextStep struct {
	At    time.Time            `json:"at" doc:"时间"`
	Kind  obligation.EventKind `json:"kind" doc:"类别"`
	Label string               `json:"label" doc:"名称"`
	Why   string               `json:"why" doc:"为什么"`
	Rung  obligation.Rung      `json:"rung,omitempty" doc:"升级措施"`
}

// RungRef names a rung.
type RungRef struct {
	Rung      obligation.Rung `json:"rung" doc:"升级措施"`
	RungLabel string          `json:"rungLabel" doc:"升级措施名称"`
}

// Formal is a formal rung that was decided.
type Formal struct {
	RungRef
	Drafted time.Time `json:"drafted" doc:"拟文时间"`
	Settled time.Time `json:"settled,omitzero" doc:"签发或撤回时间"`
	Number  string    `json:"number,omitempty" doc:"发文字号；撤回的没有"`
}

// ObligationPage is one page of a list.
type ObligationPage struct {
	Obligations []Obligation `json:"obligations" doc:"责任事项，按所要的顺序"`
	Total       int          `json:"total" doc:"符合条件的共有多少件"`
	Next        string       `json:"next,omitempty" doc:"下一页的 cursor，只用于同样的条件和排序；没有则为最后一页"`
}

// LedgerInput asks for one page of a ledger.
type LedgerInput struct {
	ObligationPath
	After int `query:"after" minimum:"0" default:"0" doc:"只要序号大于它的；上一页的 next"`
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"每页条数"`
}

// LedgerPage is one page of a ledger, ascending.
type LedgerPage struct {
	Events []Event `json:"events" doc:"台账，按序号排列"`
	Next   int     `json:"next,omitempty" doc:"下一页的 after；没有则为最后一页"`
}

// Event is one entry of the ledger.
type Event struct {
	Seq          int                  `json:"seq" doc:"序号，从 1 起"`
	Kind         obligation.EventKind `json:"kind" doc:"发生了什么"`
	KindLabel    string               `json:"kindLabel" doc:"名称"`
	At           time.Time            `json:"at" doc:"时间"`
	By           Actor                `json:"by" doc:"谁"`
	Key          string               `json:"key,omitempty" doc:"操作的 Idempotency-Key"`
	Text         string               `json:"text,omitempty" doc:"所写的内容、理由"`
	Step         string               `json:"step,omitempty" doc:"升级阶梯的步骤"`
	N            int                  `json:"n,omitempty" doc:"该步骤第几次"`
	Merged       int                  `json:"merged,omitempty" doc:"并入本次的未发提醒数"`
	Rung         obligation.Rung      `json:"rung,omitempty" doc:"升级措施"`
	RungLabel    string               `json:"rungLabel,omitempty" doc:"升级措施名称"`
	To           obligation.Recipient `json:"to,omitempty" doc:"对象：unit 责任单位，office 区安委办"`
	Number       string               `json:"number,omitempty" doc:"发文字号"`
	Due          calendar.Date        `json:"due,omitzero" format:"date" doc:"此后的期限；申请延期的，为申请延至的日期"`
	Delegation   *Delegation          `json:"delegation,omitempty" doc:"委托代办的情况"`
	Parts        []EventPart          `json:"parts,omitempty" doc:"分解的事项；进度变化的，为该件"`
	Inspection   *InspectionSheet     `json:"inspection,omitempty" doc:"督导检查的安排或检查情况"`
	Findings     []EventFinding       `json:"findings,omitempty" doc:"交办的问题"`
	Liaison      string               `json:"liaison,omitempty" doc:"移交给谁"`
	Former       string               `json:"formerLiaison,omitempty" doc:"原联络员"`
	Percent      *int                 `json:"percent,omitempty" doc:"报告的完成百分比"`
	Report       *MonthlyReport       `json:"report,omitempty" doc:"随本条报送的月报；没有则不出现"`
	Evidence     []EventEvidence      `json:"evidence,omitempty" doc:"随本条报送的材料"`
	Days         int                  `json:"days,omitempty" doc:"恢复办理的，为中止的工作日数"`
	Checked      calendar.Date        `json:"checked,omitzero" format:"date" doc:"隐患审核的，现场核查日期"`
	Outcome      obligation.Outcome   `json:"outcome,omitempty" doc:"补录或仍需办理的情况"`
	OutcomeLabel string               `json:"outcomeLabel,omitempty" doc:"情况名称"`
	Facts        *Facts               `json:"facts,omitempty" doc:"交办或调整后的内容"`
	Ladder       *Ladder              `json:"ladder,omitempty" doc:"交办或调整后的升级阶梯"`
	Hash         string               `json:"hash,omitempty" doc:"哈希链的值，只在台账中给出：改动任何一条，其后各条都对不上"`
}

// Facts are what an obligation is about.
type Facts struct {
	Title    string        `json:"title" doc:"分项任务标题"`
	Quote    string        `json:"quote" doc:"依据：方案原句"`
	Done     string        `json:"done,omitempty" doc:"完成标准"`
	UnitName string        `json:"unitName" doc:"责任单位名称"`
	Period   string        `json:"periodLabel" doc:"周期名称"`
	Due      calendar.Date `json:"due" format:"date" doc:"到期日"`
}

// Actor is who acted.
type Actor struct {
	Role      obligation.Role `json:"role" enum:"system,office,leader,unit" doc:"身份"`
	RoleLabel string          `json:"roleLabel" doc:"身份名称"`
	Name      string          `json:"name,omitempty" doc:"姓名"`
	Login     string          `json:"login,omitempty" doc:"登录名"`
	For       string          `json:"for,omitempty" doc:"代谁办理：受委托代办的，为委托人姓名"`
}

// Person names a person.
type Person struct {
	Name string `json:"name" minLength:"1" maxLength:"50" pattern:"\\S" patternDescription:"姓名，不能只有空格" example:"张三" doc:"姓名"`
}

func (p Person) name() string { return strings.TrimSpace(p.Name) }

// Retry makes a command safe to repeat.
type Retry struct {
	Key string `header:"Idempotency-Key" maxLength:"100" pattern:"^[!-~]+$" patternDescription:"1 至 100 个可见的 ASCII 字符" doc:"每次操作一个；重试时用同一个，只办理一次并得到同样的回答。不填则自动生成，在回答的同名头中给出"`
}

// Acting is how a command on an obligation is put: once, and by somebody who may say what he saw.
type Acting struct {
	Retry
	Match string `header:"If-Match" pattern:"^(W/)?\"?([0-9]{1,9}|\\*)\"?$" patternDescription:"台账序号，如 \"12\"" doc:"办理时所见的台账序号（查看时回答的 ETag 或 seq）。此后有别人办理过的，不办理并答复 conflict；自动的提醒不算。不填则不核对"`
}

// seen returns the sequence of the ledger that the actor saw; 0: he does not say.
func (a Acting) seen() int {
	n, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(a.Match, "W/"), `"`))
	if err != nil {
		return 0 // "*": whatever it is
	}
	return n
}

// etag names the state of an obligation at a sequence of its ledger.
func etag(seq int) string { return strconv.Quote(strconv.Itoa(seq)) }

// ActInput is a command that needs no words.
type ActInput struct {
	ObligationPath
	Acting
	Body ActBody
}

// ActBody has nothing to say: who acts has logged in.
type ActBody struct{}

// NoteInput is a command with a remark that may be left out.
type NoteInput struct {
	ObligationPath
	Acting
	Body NoteBody
}

// NoteBody is the remark.
type NoteBody struct {
	Text string `json:"text,omitempty" maxLength:"4000" doc:"附言"`
}

// ProgressInput tells how far the unit is.
type ProgressInput struct {
	ObligationPath
	Acting
	Body ProgressBody
}

// ProgressBody is the progress: a percentage, a text, or both.
type ProgressBody struct {
	Percent *int   `json:"percent,omitempty" minimum:"0" maximum:"100" doc:"完成的百分比"`
	Text    string `json:"text,omitempty" maxLength:"4000" doc:"进展情况"`

	Evidence []string `json:"evidence,omitempty" maxItems:"100" doc:"随进展报送的材料编号；须已上传、未报送。报送后不能再改"`
}

// SkipInput has a higher rung drafted at once.
type SkipInput struct {
	ObligationPath
	Acting
	Body SkipBody
}

// SkipBody says which rung, and why.
type SkipBody struct {
	Rung   obligation.Rung `json:"rung" enum:"letter,circular,interview,expose,transfer" doc:"要拟的正式措施，须高于已经拟过的"`
	Reason string          `json:"reason" maxLength:"4000" doc:"越级的理由"`
}

// ReasonInput is a command that needs a reason.
type ReasonInput struct {
	ObligationPath
	Acting
	Body ReasonBody
}

// ReasonBody says why.
type ReasonBody struct {
	Reason string `json:"reason" maxLength:"4000" doc:"理由"`
}

// SubmitInput reports completion.
type SubmitInput struct {
	ObligationPath
	Acting
	Body SubmitBody
}

// SubmitBody is the report.
type SubmitBody struct {
	Text     string   `json:"text,omitempty" maxLength:"4000" doc:"完成情况；填了 report 的不填"`
	Evidence []string `json:"evidence,omitempty" maxItems:"100" doc:"随报送的材料编号；须已上传、未报送。报送后不能再改"`

	Report *MonthlyReportInput `json:"report,omitempty" doc:"月报，只用于有月报表单的事项；也可以不填表单、只写 text"`
}

// ReturnInput sends a report back.
type ReturnInput struct {
	ObligationPath
	Acting
	Body ReturnBody
}

// ReturnBody says why, and until when to put it right.
type ReturnBody struct {
	Reason string `json:"reason" maxLength:"4000" doc:"退回的理由"`
	Due    string `json:"due,omitempty" format:"date" doc:"补正期限，须晚于今天；不填按升级阶梯"`
}

// AskExtensionInput applies for more time.
type AskExtensionInput struct {
	ObligationPath
	Acting
	Body AskExtensionBody
}

// AskExtensionBody says until when, and why.
type AskExtensionBody struct {
	Due    string `json:"due" format:"date" doc:"申请延至；须晚于今天和现在的期限"`
	Reason string `json:"reason" maxLength:"4000" doc:"理由和目前进展"`
}

// GrantExtensionInput gives more time.
type GrantExtensionInput struct {
	ObligationPath
	Acting
	Body GrantExtensionBody
}

// GrantExtensionBody says until when.
type GrantExtensionBody struct {
	Due  string `json:"due,omitempty" format:"date" doc:"新的期限，须晚于今天和现在的期限；不填按申请的日期"`
	Text string `json:"text,omitempty" maxLength:"4000" doc:"附言"`
}

// RefuseExtensionInput gives no more time.
type RefuseExtensionInput struct {
	ObligationPath
	Acting
	Body RefuseExtensionBody
}

// RefuseExtensionBody says why.
type RefuseExtensionBody struct {
	Reason string `json:"reason" maxLength:"4000" doc:"不同意的理由"`
}

// ObligationOutput answers with everything about one obligation.
type ObligationOutput struct {
	ETag string `header:"ETag" doc:"台账序号，可作为办理时的 If-Match"`
	Body ObligationDetail
}

// EventOutput answers a command.
type EventOutput struct {
	Key    string `header:"Idempotency-Key" doc:"本次操作的键"`
	ETag   string `header:"ETag" doc:"办理后的台账序号，可作为下一次的 If-Match"`
	Replay string `header:"Idempotent-Replayed" doc:"true：此前已办理，这是当时的回答"`
	Body   Event
}

func (s *server) registerObligations() {
	const one = "/obligations/{plan}/{measure}/{unit}/{period}"
	notFound := []Code{Code(obligation.CodeNotFound)}
	register(s, operation{id: "list-obligations", method: http.MethodGet, path: "/obligations", tag: tagObligations}, s.listObligations)
	register(s, operation{id: "get-obligation", method: http.MethodGet, path: one, tag: tagObligations, codes: notFound}, s.getObligation)
	register(s, operation{id: "list-ledger", method: http.MethodGet, path: one + "/ledger", tag: tagObligations, codes: notFound}, s.listLedger)
	register(s, operation{id: "list-obligation-documents", method: http.MethodGet, path: one + "/documents", tag: tagObligations, codes: notFound},
		s.listObligationDocuments)
	act := func(id, verb string, codes ...obligation.ErrorCode) operation {
		return operation{
			id: id, method: http.MethodPost, path: one + "/" + verb, tag: tagObligations, limit: s.CommandTimeout,
			codes: append(list(codes, func(c obligation.ErrorCode) Code { return Code(c) }), codesOfCommands...),
		}
	}
	register(s, act("sign-obligation", "sign", obligation.CodeAlreadySigned, obligation.CodeInReview), s.sign)
	register(s, act("submit-obligation", "submit", obligation.CodeInReview, obligation.CodeTextMissing, obligation.CodePartsOpen,
		obligation.CodeReportForm, obligation.CodeReportProgress, obligation.CodeReportZero, obligation.CodeReportTooLong, obligation.CodeReportLine,
		obligation.CodeEvidenceGone, obligation.CodeEvidenceInvalid), s.submit)
	register(s, act("accept-obligation", "accept", obligation.CodeNotSubmitted, obligation.CodePartsInReview, obligation.CodeReviewMissing), s.accept)
	register(s, act("return-obligation", "return", obligation.CodeNotSubmitted, obligation.CodeReasonMissing, obligation.CodeDueInvalid), s.giveBack)
	register(s, act("nudge-obligation", "nudge", obligation.CodeInReview, obligation.CodeSendBackPending), s.nudge)
	register(s, act("waive-obligation", "waive", obligation.CodeReasonMissing), s.waive)
	register(s, act("send-back-obligation", "send-back", obligation.CodeInReview, obligation.CodeSendBackPending, obligation.CodeSendBackUsed,
		obligation.CodeReasonMissing), s.sendBack)
	register(s, act("refuse-send-back", "refuse-send-back", obligation.CodeNoSendBack, obligation.CodeReasonMissing), s.refuseSendBack)
	register(s, act("report-progress", "progress", obligation.CodeInReview, obligation.CodeProgressMissing, obligation.CodePercentInvalid,
		obligation.CodeEvidenceGone, obligation.CodeEvidenceInvalid), s.progress)
	register(s, act("skip-rung", "skip", obligation.CodeInReview, obligation.CodeSendBackPending, obligation.CodeNotOverdue, obligation.CodeDraftPending,
		obligation.CodeRungInvalid, obligation.CodeReasonMissing), s.skip)
	register(s, act("break-down-obligation", "break-down", obligation.CodePartOfPart, obligation.CodeInReview, obligation.CodeSendBackPending,
		obligation.CodePartInvalid, obligation.CodePartDue), s.breakDown)
	s.registerLiaisons(act)
	register(s, act("suspend-obligation", "suspend", obligation.CodeInReview, obligation.CodeSendBackPending, obligation.CodeReasonMissing), s.suspend)
	register(s, act("resume-obligation", "resume", obligation.CodeNotSuspended, obligation.CodeReasonMissing), s.resume)
	register(s, act("ask-extension", "ask-extension", obligation.CodeInReview, obligation.CodeExtensionPending, obligation.CodeExtensionsUsed,
		obligation.CodeExtensionLate, obligation.CodeSendBackPending, obligation.CodeReasonMissing, obligation.CodeDueInvalid), s.askExtension)
	register(s, act("grant-extension", "grant-extension", obligation.CodeNoExtension, obligation.CodeExtensionsUsed, obligation.CodeDueInvalid),
		s.grantExtension)
	register(s, act("refuse-extension", "refuse-extension", obligation.CodeNoExtension, obligation.CodeReasonMissing), s.refuseExtension)
}

func (s *server) listObligations(ctx context.Context, in *ListInput) (*Body[ObligationPage], error) {
	f, err := s.filter(ctx, in.Selection)
	if err != nil {
		return nil, err
	}
	f.After, f.Limit, f.Count = in.Cursor, in.Limit, true
	page, err := s.Reader.List(ctx, f)
	if err != nil {
		return nil, paged(err, in.Cursor)
	}
	return answer(ObligationPage{
		Obligations: list(page.Views, func(v obligation.View) Obligation { return showObligation(v, f.Now) }), Total: page.Total, Next: page.Next,
	}), nil
}

func (s *server) getObligation(ctx context.Context, in *ObligationPath) (*ObligationOutput, error) {
	v, err := s.Reader.Load(ctx, in.id())
	if err != nil {
		return nil, err
	}
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	out := &ObligationOutput{ETag: etag(v.State.Seq), Body: showObligationDetail(v, d, s.Now(), s.WorkflowURL(in.id()))}
	if onlyIssued(ctx) {
		out.Body.Draft = nil
		out.Body.Formals = slices.DeleteFunc(out.Body.Formals, func(f Formal) bool { return f.Number == "" })
	}
	if out.Body.Evidence, err = s.evidence(ctx, in.id(), v.State.Policy.Location()); err != nil {
		return nil, err
	}
	if out.Body.Recent, err = s.recent(ctx, v.State); err != nil {
		return nil, err
	}
	out.Body.Parts, err = s.parts(ctx, v.State)
	return out, err
}

// recent returns the entries of the ledger by which people last moved an obligation, newest first: the report that is
// reviewed, or why it was returned, however many reminders came after it.
func (s *server) recent(ctx context.Context, st obligation.State) ([]Event, error) {
	seqs := []int{st.RoundSeq}
	for _, h := range st.Hands {
		seqs = append(seqs, h.Seq)
	}
	slices.Sort(seqs)
	seqs = slices.DeleteFunc(slices.Compact(seqs), func(seq int) bool { return seq == 0 })
	var out []Event
	for _, seq := range slices.Backward(seqs) {
		events, err := s.Reader.Ledger(ctx, st.ID, seq-1, 1)
		if err != nil {
			return nil, err
		}
		out = append(out, list(events, func(e obligation.Event) Event { return showEvent(e, st.Policy.Location()) })...)
	}
	return audible(ctx, out), nil
}

// audible leaves out what the caller is not to hear of: a unit hears of no draft.
func audible(ctx context.Context, events []Event) []Event {
	if !onlyIssued(ctx) {
		return events
	}
	return slices.DeleteFunc(events, func(e Event) bool { return e.Kind == obligation.Drafted || e.Kind == obligation.Withdrawn })
}

func (s *server) listLedger(ctx context.Context, in *LedgerInput) (*Body[LedgerPage], error) {
	v, err := s.Reader.Load(ctx, in.id())
	if err != nil {
		return nil, err
	}
	events, err := s.Reader.Ledger(ctx, in.id(), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	hashes, err := s.Reader.Hashes(ctx, in.id(), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	loc := v.State.Policy.Location()
	page := LedgerPage{Events: list(events, func(e obligation.Event) Event { return showEvent(e, loc) })}
	for i := range min(len(events), len(hashes)) {
		page.Events[i].Hash = hashes[i]
	}
	page.Events = audible(ctx, page.Events)
	if n := len(events); n > 0 && events[n-1].Seq < v.State.Seq {
		page.Next = events[n-1].Seq
	}
	return answer(page), nil
}

func (s *server) sign(ctx context.Context, in *ActInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, obligation.Command{Kind: obligation.Sign, By: by(ctx, obligation.RoleUnit)})
}

func (s *server) submit(ctx context.Context, in *SubmitInput) (*EventOutput, error) {
	c := obligation.Command{Kind: obligation.Submit, By: by(ctx, obligation.RoleUnit), Text: in.Body.Text, Evidence: named(in.Body.Evidence)}
	if in.Body.Report != nil {
		if in.Body.Text != "" {
			return nil, invalid("body.text", textTextOrReport)
		}
		var err error
		if c.Report, err = s.monthlyReport(ctx, in.id(), in.Key, *in.Body.Report); err != nil {
			return nil, err
		}
		c.Text = c.Report.Words()
	}
	return s.command(ctx, in.id(), in.Acting, c)
}

func (s *server) accept(ctx context.Context, in *NoteInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.Accept, By: by(ctx, obligation.RoleOffice), Text: in.Body.Text,
	})
}

func (s *server) giveBack(ctx context.Context, in *ReturnInput) (*EventOutput, error) {
	due, err := date("body.due", in.Body.Due)
	if err != nil {
		return nil, err
	}
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.Return, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason, Due: due,
	})
}

func (s *server) nudge(ctx context.Context, in *NoteInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.Nudge, By: by(ctx, obligation.RoleOffice), Text: in.Body.Text,
	})
}

func (s *server) waive(ctx context.Context, in *ReasonInput) (*EventOutput, error) {
	return s.because(ctx, obligation.Waive, obligation.RoleOffice, in)
}

func (s *server) suspend(ctx context.Context, in *ReasonInput) (*EventOutput, error) {
	return s.because(ctx, obligation.Suspend, obligation.RoleOffice, in)
}

func (s *server) resume(ctx context.Context, in *ReasonInput) (*EventOutput, error) {
	return s.because(ctx, obligation.Resume, obligation.RoleOffice, in)
}

func (s *server) sendBack(ctx context.Context, in *ReasonInput) (*EventOutput, error) {
	return s.because(ctx, obligation.SendBack, obligation.RoleUnit, in)
}

func (s *server) refuseSendBack(ctx context.Context, in *ReasonInput) (*EventOutput, error) {
	return s.because(ctx, obligation.RefuseSendBack, obligation.RoleOffice, in)
}

func (s *server) progress(ctx context.Context, in *ProgressInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.ReportProgress, By: by(ctx, obligation.RoleUnit), Text: in.Body.Text, Percent: in.Body.Percent,
		Evidence: named(in.Body.Evidence),
	})
}

func (s *server) skip(ctx context.Context, in *SkipInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.Skip, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason, Rung: in.Body.Rung,
	})
}

// because puts a command that needs nothing but a reason.
func (s *server) because(ctx context.Context, kind obligation.CommandKind, role obligation.Role, in *ReasonInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, obligation.Command{Kind: kind, By: by(ctx, role), Text: in.Body.Reason})
}

func (s *server) askExtension(ctx context.Context, in *AskExtensionInput) (*EventOutput, error) {
	due, err := date("body.due", in.Body.Due)
	if err != nil {
		return nil, err
	}
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.AskExtension, By: by(ctx, obligation.RoleUnit), Text: in.Body.Reason, Due: due,
	})
}

func (s *server) grantExtension(ctx context.Context, in *GrantExtensionInput) (*EventOutput, error) {
	due, err := date("body.due", in.Body.Due)
	if err != nil {
		return nil, err
	}
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.GrantExtension, By: by(ctx, obligation.RoleOffice), Text: in.Body.Text, Due: due,
	})
}

func (s *server) refuseExtension(ctx context.Context, in *RefuseExtensionInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.RefuseExtension, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason,
	})
}

// command answers a retry from the ledger and hands everything else to the engine.
func (s *server) command(ctx context.Context, id obligation.ID, a Acting, c obligation.Command) (*EventOutput, error) {
	c.Text, c.Key, c.Expected = strings.TrimSpace(c.Text), a.Key, a.seen()
	v, err := s.Reader.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &EventOutput{Key: c.Key}
	if c.Key == "" {
		out.Key = rand.Text()
		c.Key = out.Key
	}
	e, replayed, err := s.replay(ctx, id, c)
	switch {
	case err != nil:
	case replayed:
		out.Replay = "true"
	case v.State.IsClosed():
		// Its workflow has ended, or never ran: there is nobody to ask.
		err = &obligation.Error{Code: obligation.CodeClosed}
	default:
		var again bool
		again, err = s.handIn(ctx, id, c, func(c obligation.Command) error {
			e, err = s.Commands.Command(ctx, id, c)
			return err
		})
		if again {
			out.Replay = "true"
			e, _, err = s.replay(ctx, id, c)
		}
		err = s.gone(ctx, id, err)
	}
	if err != nil {
		return nil, keyed{err, c.Key}
	}
	out.Body, out.ETag = showEvent(e, v.State.Policy.Location()), etag(e.Seq)
	return out, nil
}

// gone explains why the engine knows no workflow of an obligation that the record has: it has just been closed, or the
// engine has lost it. Other errors are the engine's own.
func (s *server) gone(ctx context.Context, id obligation.ID, err error) error {
	if !obligation.IsNotFound(err) {
		return engine(err)
	}
	if v, loadErr := s.Reader.Load(ctx, id); loadErr == nil && v.State.IsClosed() {
		return &obligation.Error{Code: obligation.CodeClosed}
	}
	return engine(fmt.Errorf("no workflow runs for %s", id))
}

// replay returns the event of an earlier try of the same command. A key that stood for something else is refused: its
// user would take the old answer for the new one.
func (s *server) replay(ctx context.Context, id obligation.ID, c obligation.Command) (obligation.Event, bool, error) {
	e, err := s.Reader.EventByKey(ctx, id, c.Key)
	switch {
	case obligation.IsNotFound(err):
		return e, false, nil
	case err != nil:
		return e, false, err
	case e.Kind != eventOf[c.Kind] || !e.By.Is(c.By) || !answers(e, c):
		return e, false, newProblem(CodeKeyReused)
	default:
		return e, true, nil
	}
}

// answers reports whether the event says what the command asked for.
func answers(e obligation.Event, c obligation.Command) bool {
	if d := e.Delegation; d != nil {
		return d.To == c.Name && d.Until == c.Due && (c.From.IsZero() || d.From == c.From) && e.Text == c.Text
	}
	return sameReport(e, c) && sameHazard(e, c) && sameParts(e, c) && e.SaysInspection(c) && sameInterview(e, c) && sameEvidence(e, c) && e.Text == c.Text && e.Rung == c.Rung && e.Name == c.Name && equal(e.Percent, c.Percent) && (c.Due.IsZero() || e.Due == c.Due)
}

// equal compares what may be left out.
func equal(a, b *int) bool { return a == b || (a != nil && b != nil && *a == *b) }

// eventOf names the event that a command leads to.
var eventOf = map[obligation.CommandKind]obligation.EventKind{
	obligation.Sign: obligation.Signed, obligation.Submit: obligation.Submitted, obligation.Accept: obligation.Accepted,
	obligation.Return: obligation.Returned, obligation.Nudge: obligation.Nudged, obligation.Issue: obligation.Issued,
	obligation.Arrange: obligation.InterviewMoved, obligation.Conclude: obligation.InterviewHeld, obligation.Rectify: obligation.Rectified,
	obligation.VerifyRectification: obligation.RectificationVerified, obligation.ReturnRectification: obligation.RectificationReturned,
	obligation.WaiveRectification: obligation.RectificationWaived,
	obligation.WithdrawDoc:        obligation.Withdrawn, obligation.AskExtension: obligation.ExtensionAsked,
	obligation.GrantExtension: obligation.Extended, obligation.RefuseExtension: obligation.ExtensionRefused,
	obligation.Waive: obligation.Waived, obligation.Suspend: obligation.Suspended, obligation.Resume: obligation.Resumed,
	obligation.SendBack: obligation.SentBack, obligation.RefuseSendBack: obligation.SendBackRefused,
	obligation.Supervise: obligation.Supervised, obligation.Regrade: obligation.Regraded, obligation.PassReview: obligation.ReviewPassed, obligation.FailReview: obligation.ReviewFailed,
	obligation.ReportProgress: obligation.Progressed, obligation.Skip: obligation.Drafted,
	obligation.Delegate: obligation.Delegated, obligation.EndDelegation: obligation.DelegationEnded, obligation.HandOver: obligation.HandedOver, obligation.BreakDown: obligation.BrokenDown,
	obligation.PlanInspection: obligation.InspectionPlanned, obligation.RecordInspection: obligation.InspectionRecorded, obligation.AddFindings: obligation.FindingsAdded,
}

func showObligation(v obligation.View, now time.Time) Obligation {
	st := v.State
	loc := st.Policy.Location()
	light := obligation.DeriveLight(v.Standing, now)
	out := Obligation{
		Plan: st.ID.Plan, Measure: st.ID.Measure, Unit: st.ID.Unit, Period: st.ID.Period, Seq: st.Seq, Task: st.Task, Title: st.Title,
		UnitName: st.UnitName, PeriodLabel: st.Period, Stage: st.Stage, StageLabel: st.StageName(),
		Light: light, LightLabel: light.Chinese(), Due: st.Due, OriginalDue: st.Original, Deadline: st.Deadline(),
		WasOverdue: v.Standing.WasOverdue, BeforeIssue: st.BeforeIssue, Provisional: st.Provisional,
		Outcome: st.Outcome, OutcomeLabel: st.Outcome.Chinese(), Rung: st.HighestRung(), RungLabel: st.HighestRung().Chinese(),
		WaitingOn: st.WaitingOn(), NextAt: in(v.NextAt, loc), NextLabel: v.NextKind, Updated: in(v.Updated, loc),
		Extensions: st.Extensions, SuspendedDays: st.SuspendedDays, Liaison: st.Liaison, Delegation: showDelegation(st.Delegation), Inspection: st.IsInspection(),
	}
	if st.Finding > 0 {
		out.FindingOf = st.Parent
	} else {
		out.PartOf = st.Parent
	}
	out.Promoted = st.Promoted
	if st.Hazard != nil {
		out.Hazard = st.Hazard.Key()
	}
	if p := st.Progress; p != nil {
		out.Progress = &Progress{in(p.At, loc), p.Percent, p.Text}
	}
	if o := st.Objection; o != nil {
		out.SentBack = &Objection{in(o.At, loc), o.Reason}
	}
	if p := st.Suspension; p != nil {
		out.Suspended = &Suspension{in(p.At, loc), p.Reason}
	}
	if a := st.Application; a != nil {
		out.Application = &Application{in(a.At, loc), a.Due}
	}
	switch out.WaitingOn {
	case "":
	case string(obligation.ToOffice):
		out.WaitingOnName = textOffice
	default:
		out.WaitingOnName = st.HolderName()
	}
	return out
}

func showObligationDetail(v obligation.View, d obligation.Definition, now time.Time, workflow string) ObligationDetail {
	st := v.State
	loc := st.Policy.Location()
	out := ObligationDetail{
		Obligation: showObligation(v, now), Quote: st.Quote, Done: st.Done, Form: st.Form, Ladder: showLadder(st.Policy.Ladder),
		Opened: in(st.Opened, loc), Signed: in(st.Signed, loc), Submitted: in(st.Submitted, loc), Closed: in(st.Closed, loc),
		Returns: st.Round, Asked: st.Asked, Allowed: st.Policy.Ladder.Extensions, Workflow: workflow, Report: st.InspectionReport(),
		Formals: list(st.Formals, func(f obligation.Formal) Formal {
			return Formal{RungRef{f.Rung, f.Rung.Chinese()}, in(f.Drafted, loc), in(f.Settled, loc), f.Number}
		}),
	}
	if st.Stage == obligation.StageHistory {
		out.Workflow = "" // history runs no workflow
	}
	if next, ok := obligation.NextStep(st, d.Calendar); ok {
		out.Next = &NextStep{At: in(next.At, loc), Kind: next.Kind, Label: next.Describe(), Why: next.Reason(), Rung: next.Step.Rung}
	}
	if rung, ok := st.PendingDraft(); ok {
		out.Draft = &RungRef{rung, rung.Chinese()}
	}
	return out
}

func showActor(a obligation.Actor) Actor { return Actor{a.Role, roles[a.Role], a.Name, a.Login, a.For} }

func showEvent(e obligation.Event, loc *time.Location) Event {
	out := Event{
		Seq: e.Seq, Kind: e.Kind, KindLabel: e.Kind.Chinese(), At: in(e.At, loc), By: showActor(e.By),
		Key: e.Key, Text: e.Text, Step: e.Step, N: e.N, Merged: len(e.Collapsed), Rung: e.Rung, RungLabel: e.Rung.Chinese(), To: e.To,
		Number: e.Number, Due: e.Due, Checked: e.Checked, Days: e.Days, Percent: e.Percent, Evidence: showEventEvidence(e.Evidence),
		Delegation: showDelegation(e.Delegation), Liaison: e.Name, Former: e.Former, Parts: showParts(e.Parts), Inspection: showSheet(e.Inspection), Findings: showFindings(e.Findings), Outcome: e.Outcome, OutcomeLabel: e.Outcome.Chinese(),
		Report: showMonthlyReport(e.Report),
	}
	if f := e.Facts; f != nil {
		out.Facts = &Facts{Title: f.Title, Quote: f.Quote, Done: f.Done, UnitName: f.UnitName, Period: f.Period, Due: f.Due}
	}
	if e.Policy != nil {
		ladder := showLadder(e.Policy.Ladder)
		out.Ladder = &ladder
	}
	return out
}
