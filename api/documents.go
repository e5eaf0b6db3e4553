package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"duban/account"
	"duban/calendar"
	"duban/obligation"
)

// DocumentPath addresses a document: one per obligation and formal rung.
type DocumentPath struct {
	ObligationPath
	Rung string `path:"rung" enum:"letter,circular,interview,expose,transfer" doc:"升级措施：letter 督促函，circular 通报，interview 约谈，expose 曝光，transfer 移交"`
}

func (p DocumentPath) rung() obligation.Rung { return obligation.Rung(p.Rung) }

// DocumentsInput selects documents.
type DocumentsInput struct {
	Paging
	Plan   string `query:"plan" maxLength:"64" doc:"方案代码"`
	Unit   string `query:"unit" maxLength:"64" doc:"责任单位代码"`
	Status string `query:"status" enum:"draft,issued,withdrawn" doc:"状态"`

	Rung      string `query:"rung" enum:"letter,circular,interview,expose,transfer" doc:"升级措施"`
	WaitingOn string `query:"waitingOn" maxLength:"64" doc:"在等谁办理：office 区安委办，leader 安委会领导，或责任单位代码"`
	Overdue   bool   `query:"overdue" doc:"true：只看办理期限已过的（约谈后的整改）"`
}

// Document is a letter, circular, notice of an interview and beyond.
type Document struct {
	Plan         string                    `json:"plan" doc:"方案代码"`
	Measure      string                    `json:"measure" doc:"分项任务编号"`
	Unit         string                    `json:"unit" doc:"责任单位代码"`
	Period       string                    `json:"period" doc:"周期代码"`
	Rung         obligation.Rung           `json:"rung" doc:"升级措施"`
	RungLabel    string                    `json:"rungLabel" doc:"升级措施名称"`
	Status       obligation.DocumentStatus `json:"status" enum:"draft,issued,withdrawn" doc:"状态"`
	StatusLabel  string                    `json:"statusLabel" doc:"状态名称"`
	SignOff      obligation.SignOff        `json:"signOff" doc:"谁签发：office 区安委办主任，leader 安委会领导，auto 自动"`
	SignOffLabel string                    `json:"signOffLabel" doc:"谁签发"`
	Title        string                    `json:"title" doc:"标题"`
	Body         string                    `json:"body" doc:"正文"`
	Drafted      time.Time                 `json:"drafted" doc:"拟文时间"`
	Number       string                    `json:"number,omitempty" doc:"发文字号；签发后才有"`
	SignedBy     string                    `json:"signedBy,omitempty" doc:"签发人"`
	Settled      time.Time                 `json:"settled,omitzero" doc:"签发或撤回时间"`
	Reason       string                    `json:"reason,omitempty" doc:"撤回的理由"`
	Meeting      *Meeting                  `json:"meeting,omitempty" doc:"约谈的时间、地点与结果，及整改"`
	WaitingOn    string                    `json:"waitingOn,omitempty" doc:"在等谁办理：office 区安委办，leader 安委会领导，或责任单位代码；没有则已办结"`
	WaitsUntil   calendar.Date             `json:"waitsUntil,omitzero" doc:"在等的一方的办理期限，含当日；没有则不限"`
	Overdue      bool                      `json:"overdue" doc:"办理期限已过"`
	Digest       string                    `json:"digest,omitempty" doc:"文书文件（DOCX）的 SHA-256，十六进制；查看单件已签发的文书、文件已生成时才有"`
}

// DocumentPage is one page of documents.
type DocumentPage struct {
	Documents []Document `json:"documents" doc:"文书，新的在前"`
	Next      string     `json:"next,omitempty" doc:"下一页的 cursor；没有则为最后一页"`
}

// DocumentList is every document of an obligation.
type DocumentList struct {
	Documents []Document `json:"documents" doc:"文书，按升级先后排列"`
}

// SignOffInput lets a draft go out.
type SignOffInput struct {
	DocumentPath
	Retry
	Body SignOffBody
}

// SignOffBody says for an interview when and where it is held.
type SignOffBody struct {
	Meeting *MeetingBody `json:"meeting,omitempty" doc:"约谈的时间与地点；只有约谈需要，且必须填写"`
}

// WithdrawInput takes a draft back.
type WithdrawInput struct {
	DocumentPath
	Retry
	Body WithdrawBody
}

// WithdrawBody says why.
type WithdrawBody struct {
	Reason string `json:"reason" maxLength:"4000" doc:"撤回的理由"`
}

// DocumentOutput answers a command on a document.
type DocumentOutput struct {
	Key    string `header:"Idempotency-Key" doc:"本次操作的键"`
	Replay string `header:"Idempotent-Replayed" doc:"true：此前已办理，这是当时的回答"`
	Body   Document
}

func (s *server) registerDocuments() {
	const one = "/documents/{plan}/{measure}/{unit}/{period}/{rung}"
	register(s, operation{id: "list-documents", method: http.MethodGet, path: "/documents", tag: tagDocuments}, s.listDocuments)
	register(s, operation{id: "get-document", method: http.MethodGet, path: one, tag: tagDocuments, codes: []Code{Code(obligation.CodeNotFound)}},
		s.getDocument)
	act := func(id, verb string, codes ...obligation.ErrorCode) operation {
		return operation{
			id: id, method: http.MethodPost, path: one + "/" + verb, tag: tagDocuments, limit: s.CommandTimeout,
			codes: append(list(codes, func(c obligation.ErrorCode) Code { return Code(c) }), codesOfCommands...),
		}
	}
	register(s, act("sign-off-document", "sign-off", obligation.CodeNoDraft, obligation.CodeInReview, obligation.CodeMeetingMissing,
		obligation.CodeMeetingPast), s.signOff)
	register(s, act("withdraw-document", "withdraw", obligation.CodeNoDraft, obligation.CodeReasonMissing), s.withdraw)
	s.registerInterviews(act)
}

func (s *server) listDocuments(ctx context.Context, in *DocumentsInput) (*Body[DocumentPage], error) {
	if onlyIssued(ctx) && in.Status != "" && in.Status != string(obligation.DocumentIssued) {
		return answer(DocumentPage{Documents: []Document{}}), nil
	}
	f, err := s.documentFilter(ctx, in)
	if err != nil {
		return nil, err
	}
	docs, next, err := s.Reader.Documents(ctx, f)
	if err != nil {
		return nil, paged(err, in.Cursor)
	}
	zones := map[string]*time.Location{}
	for _, d := range docs {
		if plan := d.Obligation.Plan; zones[plan] == nil {
			if zones[plan], err = s.zone(ctx, plan); err != nil {
				return nil, err
			}
		}
	}
	return answer(DocumentPage{
		list(docs, func(d obligation.Document) Document { return s.showDocument(d, zones[d.Obligation.Plan]) }), next,
	}), nil
}

// onlyIssued reports whether the caller sees only what went out: the unit that a draft is about is told of it when it is
// signed off, and of one that was withdrawn never.
func onlyIssued(ctx context.Context) bool { return caller(ctx).Role == account.Unit }

// document returns a document that the caller may see.
func (s *server) document(ctx context.Context, p DocumentPath) (obligation.Document, error) {
	d, err := s.Reader.Document(ctx, p.id(), p.rung())
	if err == nil && onlyIssued(ctx) && d.Number == "" {
		err = notFound()
	}
	return d, err
}

func (s *server) getDocument(ctx context.Context, in *DocumentPath) (*Body[Document], error) {
	d, err := s.document(ctx, *in)
	if err != nil {
		return nil, err
	}
	loc, err := s.zone(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	out := s.showDocument(d, loc)
	if out.Digest, err = s.digestOf(ctx, d); err != nil {
		return nil, err
	}
	return answer(out), nil
}

func (s *server) listObligationDocuments(ctx context.Context, in *ObligationPath) (*Body[DocumentList], error) {
	v, err := s.Reader.Load(ctx, in.id())
	if err != nil {
		return nil, err
	}
	out := DocumentList{Documents: []Document{}}
	for _, f := range v.State.Formals {
		d, err := s.Reader.Document(ctx, in.id(), f.Rung)
		if err != nil {
			return nil, err
		}
		if onlyIssued(ctx) && d.Number == "" {
			continue
		}
		out.Documents = append(out.Documents, s.showDocument(d, v.State.Policy.Location()))
	}
	return answer(out), nil
}

func (s *server) signOff(ctx context.Context, in *SignOffInput) (*DocumentOutput, error) {
	var meeting *obligation.Meeting
	if in.Body.Meeting != nil {
		if in.rung() != obligation.Interview {
			return nil, invalid("body.meeting", textMeetingUnexpected)
		}
		m, err := in.Body.Meeting.meeting("body.meeting")
		if err != nil {
			return nil, err
		}
		meeting = &m
	}
	return s.change(ctx, in.DocumentPath, in.Retry, func(d obligation.Document, key string) (obligation.Document, bool, error) {
		by := signer(ctx)
		if err := d.SignOff.By(by.Role); err != nil {
			return d, false, err
		}
		_, replayed, err := s.replay(ctx, in.id(), obligation.Command{Kind: obligation.Issue, By: by, Key: key, Rung: in.rung()})
		if err != nil || replayed {
			return d, replayed, err
		}
		if err := d.CanSignOff(meeting, s.Now()); err != nil {
			return d, false, err
		}
		d, err = s.Commands.SignOff(ctx, in.id(), in.rung(), by, meeting, key)
		return d, false, ended(in.DocumentPath, err)
	})
}

func (s *server) withdraw(ctx context.Context, in *WithdrawInput) (*DocumentOutput, error) {
	reason := strings.TrimSpace(in.Body.Reason)
	by := signer(ctx)
	return s.change(ctx, in.DocumentPath, in.Retry, func(d obligation.Document, key string) (obligation.Document, bool, error) {
		c := obligation.Command{Kind: obligation.WithdrawDoc, By: by, Key: key, Rung: in.rung(), Text: reason}
		_, replayed, err := s.replay(ctx, in.id(), c)
		if err != nil || replayed {
			return d, replayed, err
		}
		if err := d.CanWithdraw(reason); err != nil {
			return d, false, err
		}
		d, err = s.Commands.Withdraw(ctx, in.id(), in.rung(), by, reason, key)
		return d, false, ended(in.DocumentPath, err)
	})
}

// change loads a document, lets f change it and shows what it is then.
func (s *server) change(ctx context.Context, path DocumentPath, retry Retry,
	f func(d obligation.Document, key string) (changed obligation.Document, replayed bool, err error),
) (*DocumentOutput, error) {
	d, err := s.Reader.Document(ctx, path.id(), path.rung())
	if err != nil {
		return nil, err
	}
	loc, err := s.zone(ctx, path.Plan)
	if err != nil {
		return nil, err
	}
	out := &DocumentOutput{Key: retry.Key}
	if out.Key == "" {
		out.Key = rand.Text()
	}
	d, replayed, err := f(d, out.Key)
	if err != nil {
		return nil, keyed{err, out.Key}
	}
	if replayed {
		out.Replay = "true"
	} else {
		s.keepFiles(ctx, d)
	}
	out.Body = s.showDocument(d, loc)
	return out, nil
}

// ended is why the engine knows no workflow of a document that the record has open.
func ended(p DocumentPath, err error) error {
	if obligation.IsNotFound(err) {
		err = fmt.Errorf("no workflow runs for %s", obligation.DocumentID(p.id(), p.rung()))
	}
	return engine(err)
}

func (s *server) showDocument(d obligation.Document, loc *time.Location) Document {
	id := d.Obligation
	out := Document{
		Plan: id.Plan, Measure: id.Measure, Unit: id.Unit, Period: id.Period, Rung: d.Rung, RungLabel: d.Rung.Chinese(),
		Status: d.Status, StatusLabel: documentStatuses[d.Status], SignOff: d.SignOff, SignOffLabel: signOffs[d.SignOff],
		Title: d.Title, Body: d.Body, Drafted: in(d.Drafted, loc), Number: d.Number, SignedBy: d.SignedBy,
		Settled: in(d.Settled, loc), Reason: d.Reason,
	}
	today := calendar.DateOf(s.Now(), loc)
	out.Meeting, out.WaitingOn, out.WaitsUntil = showMeeting(d.Meeting, today, loc), d.WaitingOn(), d.WaitsUntil()
	out.Overdue = !out.WaitsUntil.IsZero() && today > out.WaitsUntil
	return out
}
