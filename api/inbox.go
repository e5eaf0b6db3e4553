package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/account"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
)

// InboxPath addresses the inbox of a unit, or of the office.
type InboxPath struct {
	PlanPath
	Unit string `path:"unit" maxLength:"64" doc:"责任单位代码；office 为区安委办的收件箱"`
}

// InboxInput asks for one page of an inbox.
type InboxInput struct {
	InboxPath
	Paging
	Unread bool `query:"unread" doc:"true：只看未读的"`
}

// ReadInput marks a digest as read.
type ReadInput struct {
	InboxPath
	Body ReadBody
}

// ReadBody names the digest.
type ReadBody struct {
	Digest string `json:"digest" minLength:"1" maxLength:"200" doc:"摘要的编号"`
}

// PrintInput asks for a digest on paper.
type PrintInput struct {
	InboxPath
	Digest string `query:"digest" required:"true" minLength:"1" maxLength:"200" doc:"摘要的编号"`
}

// PrintOutput is a page for the printer.
type PrintOutput struct {
	Type   string `header:"Content-Type" doc:"文件类型"`
	Policy string `header:"Content-Security-Policy" doc:"只允许页面自带的样式"`
	Body   []byte
}

// InboxPage is one page of an inbox.
type InboxPage struct {
	Digests []Digest `json:"digests" doc:"摘要，新的在前"`
	Next    string   `json:"next,omitempty" doc:"下一页的 cursor；没有则为最后一页"`
}

// Digest is what one recipient is told at one time.
type Digest struct {
	ID       string        `json:"id" doc:"编号"`
	Day      calendar.Date `json:"day" format:"date" doc:"日期"`
	Created  time.Time     `json:"created" doc:"生成时间"`
	Read     time.Time     `json:"read,omitzero" doc:"首次阅读时间；没有则未读"`
	Messages []Message     `json:"messages" doc:"通知"`
}

// Message is one notice of a digest.
type Message struct {
	ID         int64                `json:"id" doc:"编号"`
	Plan       string               `json:"plan" doc:"方案代码"`
	Measure    string               `json:"measure" doc:"分项任务编号"`
	Unit       string               `json:"unit" doc:"责任单位代码"`
	Period     string               `json:"period" doc:"周期代码"`
	Assessment string               `json:"assessment,omitempty" doc:"所说的是考核评估（如 2026H1），不是责任事项：measure、unit、period 为空"`
	Kind       obligation.EventKind `json:"kind" doc:"事由"`
	KindLabel  string               `json:"kindLabel" doc:"事由名称"`
	Rung       obligation.Rung      `json:"rung,omitempty" doc:"升级措施"`
	RungLabel  string               `json:"rungLabel,omitempty" doc:"升级措施名称"`
	Urgent     bool                 `json:"urgent,omitempty" doc:"紧急：不等当日摘要"`
	Title      string               `json:"title" doc:"分项任务标题"`
	Text       string               `json:"text" doc:"内容"`
	Why        string               `json:"why" doc:"为什么收到：方案原句、措施、升级阶梯、期限"`
	Created    time.Time            `json:"created" doc:"生成时间"`
}

func (s *server) registerInbox() {
	codes := []Code{Code(obligation.CodeNotFound)}
	register(s, operation{id: "list-inbox", method: http.MethodGet, path: "/plans/{plan}/inbox/{unit}", tag: tagInbox, codes: codes}, s.listInbox)
	register(s, operation{id: "read-digest", method: http.MethodPost, path: "/plans/{plan}/inbox/{unit}/read", tag: tagInbox, codes: codes}, s.readDigest)
	if s.Print != nil {
		page := map[string]*huma.MediaType{pageType: {Schema: &huma.Schema{Type: huma.TypeString}}}
		register(s, operation{
			id: "print-digest", method: http.MethodGet, path: "/plans/{plan}/inbox/{unit}/print", tag: tagInbox, codes: codes, content: page,
		}, s.printDigest)
	}
}

const pageType = "text/html; charset=utf-8"

// recipient returns the plan by which an inbox is read, and refuses inboxes that nobody has.
func (s *server) recipient(ctx context.Context, in InboxPath) (obligation.Definition, error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return d, err
	}
	if _, ok := d.Plan.Unit(in.Unit); !ok && in.Unit != string(obligation.ToOffice) {
		return d, notFound()
	}
	return d, nil
}

func (s *server) listInbox(ctx context.Context, in *InboxInput) (*Body[InboxPage], error) {
	d, err := s.recipient(ctx, in.InboxPath)
	if err != nil {
		return nil, err
	}
	digests, next, err := s.Reader.Inbox(ctx, obligation.InboxFilter{
		Plan: in.Plan, Recipient: in.Unit, Unread: in.Unread, After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, paged(err, in.Cursor)
	}
	loc := obligation.Location(d.Plan.Zone)
	return answer(InboxPage{list(digests, func(g obligation.Digest) Digest { return showDigest(g, loc) }), next}), nil
}

func (s *server) readDigest(ctx context.Context, in *ReadInput) (*Body[Digest], error) {
	d, err := s.recipient(ctx, in.InboxPath)
	if err != nil {
		return nil, err
	}
	if caller(ctx).Role != account.Unit && in.Unit != string(obligation.ToOffice) {
		return nil, account.Refuse(account.CodeForeign) // the office reads along, which does not make it read
	}
	if !in.owns(in.Body.Digest) {
		return nil, notFound()
	}
	if err := s.Reader.MarkRead(ctx, in.Body.Digest, s.Now()); err != nil {
		return nil, err
	}
	g, err := s.Reader.DigestByID(ctx, in.Body.Digest)
	if err != nil {
		return nil, err
	}
	return answer(showDigest(g, obligation.Location(d.Plan.Zone))), nil
}

// owns reports whether a digest is this inbox's and nobody else's.
func (p InboxPath) owns(digest string) bool { return strings.HasPrefix(digest, p.Plan+"/"+p.Unit+"/") }

func (s *server) printDigest(ctx context.Context, in *PrintInput) (*PrintOutput, error) {
	d, err := s.recipient(ctx, in.InboxPath)
	if err != nil {
		return nil, err
	}
	if !in.owns(in.Digest) {
		return nil, notFound()
	}
	g, err := s.Reader.DigestByID(ctx, in.Digest)
	if err != nil {
		return nil, err
	}
	to := textOffice
	if u, ok := d.Plan.Unit(in.Unit); ok {
		to = u.Name
	}
	page, policy := s.Print(g, to)
	return &PrintOutput{Type: pageType, Policy: policy, Body: []byte(page)}, nil
}

func showDigest(g obligation.Digest, loc *time.Location) Digest {
	return Digest{
		ID: g.ID, Day: g.Day, Created: in(g.Created, loc), Read: in(g.Read, loc),
		Messages: list(g.Messages, func(m obligation.Message) Message {
			n, id := m.Notice, m.Obligation
			label := n.Kind.Chinese()
			if m.Assessment != "" {
				id.Plan, label = g.Plan, assessment.KindOf(n).Chinese()
			}
			return Message{
				Assessment: strings.TrimPrefix(m.Assessment, g.Plan+"/"),
				ID:         m.ID, Plan: id.Plan, Measure: id.Measure, Unit: id.Unit, Period: id.Period,
				Kind: n.Kind, KindLabel: label, Rung: n.Rung, RungLabel: n.Rung.Chinese(), Urgent: n.Urgent,
				Title: n.Title, Text: n.Text, Why: n.Why, Created: in(m.Created, loc),
			}
		}),
	}
}
