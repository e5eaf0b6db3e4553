package api

import (
	"context"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Meeting is an interview from the day it is arranged to the day everything that came of it is done.
type Meeting struct {
	At            time.Time      `json:"at" doc:"时间"`
	Place         string         `json:"place" doc:"地点"`
	Material      string         `json:"material,omitempty" doc:"须携带的材料"`
	Held          time.Time      `json:"held,omitzero" doc:"登记结果的时间"`
	Outcome       string         `json:"outcome,omitempty" doc:"约谈情况"`
	Moves         []Move         `json:"moves,omitempty" doc:"改期的记录，按先后排列"`
	Rectification *Rectification `json:"rectification,omitempty" doc:"约谈提出的整改"`
	Exempt        string         `json:"exempt,omitempty" doc:"没有另行提出整改要求的理由"`
}

// Move is one change of an interview's time, place or material.
type Move struct {
	By     string    `json:"by" doc:"办理人"`
	On     time.Time `json:"on" doc:"改期的时间"`
	Reason string    `json:"reason" doc:"理由"`
	From   time.Time `json:"from,omitzero" doc:"原定时间"`
	To     time.Time `json:"to" doc:"改后的时间"`
	Place  string    `json:"place" doc:"原定地点"`
}

// Rectification is what an interview demands.
type Rectification struct {
	Status      obligation.RectificationStatus `json:"status" enum:"open,reported,verified,waived" doc:"状态：open 整改中，reported 待核查，verified 核查通过，waived 免予整改"`
	StatusLabel string                         `json:"statusLabel" doc:"状态名称"`
	Demands     string                         `json:"demands" doc:"整改要求"`
	Due         calendar.Date                  `json:"due" doc:"整改期限，含当日"`
	OriginalDue calendar.Date                  `json:"originalDue" doc:"原定的整改期限"`
	Overdue     bool                           `json:"overdue" doc:"整改期限已过，仍未报送"`
	Late        bool                           `json:"late" doc:"曾逾期报送"`
	Report      string                         `json:"report,omitempty" doc:"最近一次报送的整改情况"`
	Evidence    []EventEvidence                `json:"evidence,omitempty" doc:"随该次报送的材料"`
	Reported    time.Time                      `json:"reported,omitzero" doc:"待核查的整改报告的报送时间"`
	Returned    int                            `json:"returned" doc:"被退回的次数"`
	Reason      string                         `json:"reason,omitempty" doc:"最近一次退回、核查或免予整改时写明的"`
	Settled     time.Time                      `json:"settled,omitzero" doc:"核查通过或免予整改的时间"`
}

// MeetingBody says when and where an interview is held, and what the unit has to bring.
type MeetingBody struct {
	At       string `json:"at" format:"date-time" example:"2026-03-02T14:00:00+08:00" doc:"时间，须晚于现在"`
	Place    string `json:"place" minLength:"1" maxLength:"200" doc:"地点"`
	Material string `json:"material,omitempty" maxLength:"1000" example:"书面情况说明、整改方案、佐证材料" doc:"须携带的材料"`
}

func (b MeetingBody) meeting(field string) (obligation.Meeting, error) {
	at, err := instant(field+".at", b.At)
	return obligation.Meeting{At: at.UTC(), Place: strings.TrimSpace(b.Place), Material: strings.TrimSpace(b.Material)}, err
}

// ArrangeInput gives an interview another date or place.
type ArrangeInput struct {
	DocumentPath
	Retry
	Body ArrangeBody
}

// ArrangeBody is the new date and place, and why.
type ArrangeBody struct {
	Meeting MeetingBody `json:"meeting" doc:"新的时间、地点与材料"`
	Reason  string      `json:"reason" maxLength:"4000" doc:"改期的理由"`
}

// ConcludeInput records that an interview was held.
type ConcludeInput struct {
	DocumentPath
	Retry
	Body ConcludeBody
}

// ConcludeBody are the minutes, and what has to be put right.
type ConcludeBody struct {
	Outcome string `json:"outcome" maxLength:"4000" doc:"约谈情况"`
	Demands string `json:"demands,omitempty" maxLength:"4000" doc:"整改要求；确实不需要另行整改的，改填 exempt"`
	Due     string `json:"due,omitempty" format:"date" doc:"整改期限，含当日，须晚于今天；不填则按升级阶梯的补正天数（工作日）"`
	Exempt  string `json:"exempt,omitempty" maxLength:"4000" doc:"没有另行提出整改要求的理由；与 demands 二者必填其一"`
}

// RectifyInput reports that something is put right.
type RectifyInput struct {
	DocumentPath
	Retry
	Body RectifyBody
}

// RectifyBody says what was done.
type RectifyBody struct {
	Text     string   `json:"text" maxLength:"4000" doc:"整改情况"`
	Evidence []string `json:"evidence,omitempty" maxItems:"100" doc:"随整改报告报送的材料编号；须已上传、未报送。报送后不能再改"`
}

// VerifyInput finds that it is put right.
type VerifyInput struct {
	DocumentPath
	Retry
	Body VerifyBody
}

// VerifyBody may add a remark.
type VerifyBody struct {
	Text string `json:"text,omitempty" maxLength:"4000" doc:"附言"`
}

// ReturnRectificationInput finds that it is not.
type ReturnRectificationInput struct {
	DocumentPath
	Retry
	Body ReturnRectificationBody
}

// ReturnRectificationBody says why, and until when.
type ReturnRectificationBody struct {
	Reason string `json:"reason" maxLength:"4000" doc:"退回的理由"`
	Due    string `json:"due,omitempty" format:"date" doc:"新的整改期限，含当日，须晚于今天；不填则按升级阶梯的补正天数（工作日），但不早于原来的期限"`
}

func (s *server) registerInterviews(act func(id, verb string, codes ...obligation.ErrorCode) operation) {
	register(s, act("arrange-interview", "arrange", obligation.CodeNoMeeting, obligation.CodeMeetingMissing, obligation.CodeMeetingPast,
		obligation.CodeReasonMissing, obligation.CodeNothingToDo), s.arrange)
	register(s, act("conclude-interview", "conclude", obligation.CodeNoMeeting, obligation.CodeMeetingAhead, obligation.CodeOutcomeMissing, obligation.CodeRectificationMissing,
		obligation.CodeDueInvalid), s.conclude)
	register(s, act("report-rectification", "rectify", obligation.CodeNoMeeting, obligation.CodeNoRectification, obligation.CodeRectified,
		obligation.CodeRectificationTextMissing, obligation.CodeEvidenceGone, obligation.CodeEvidenceInvalid), s.rectify)
	register(s, act("verify-rectification", "verify", obligation.CodeNoMeeting, obligation.CodeNoRectification, obligation.CodeNotRectified),
		s.verifyRectification)
	register(s, act("return-rectification", "return", obligation.CodeNoMeeting, obligation.CodeNoRectification, obligation.CodeNotRectified,
		obligation.CodeReasonMissing, obligation.CodeDueInvalid), s.returnRectification)
	register(s, act("waive-rectification", "waive", obligation.CodeNoMeeting, obligation.CodeNoRectification, obligation.CodeReasonMissing),
		s.waiveRectification)
}

func (s *server) arrange(ctx context.Context, in *ArrangeInput) (*DocumentOutput, error) {
	meeting, err := in.Body.Meeting.meeting("body.meeting")
	if err != nil {
		return nil, err
	}
	return s.interview(ctx, in.DocumentPath, in.Retry, obligation.Command{
		Kind: obligation.Arrange, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason, Meeting: &meeting,
	})
}

func (s *server) conclude(ctx context.Context, in *ConcludeInput) (*DocumentOutput, error) {
	due, err := date("body.due", in.Body.Due)
	if err != nil {
		return nil, err
	}
	return s.interview(ctx, in.DocumentPath, in.Retry, obligation.Command{
		Kind: obligation.Conclude, By: by(ctx, obligation.RoleOffice), Text: in.Body.Outcome,
		Demands: strings.TrimSpace(in.Body.Demands), Exempt: strings.TrimSpace(in.Body.Exempt), Due: due,
	})
}

func (s *server) rectify(ctx context.Context, in *RectifyInput) (*DocumentOutput, error) {
	return s.interview(ctx, in.DocumentPath, in.Retry, obligation.Command{
		Kind: obligation.Rectify, By: by(ctx, obligation.RoleUnit), Text: in.Body.Text, Evidence: named(in.Body.Evidence),
	})
}

func (s *server) verifyRectification(ctx context.Context, in *VerifyInput) (*DocumentOutput, error) {
	return s.interview(ctx, in.DocumentPath, in.Retry, obligation.Command{
		Kind: obligation.VerifyRectification, By: by(ctx, obligation.RoleOffice), Text: in.Body.Text,
	})
}

func (s *server) returnRectification(ctx context.Context, in *ReturnRectificationInput) (*DocumentOutput, error) {
	due, err := date("body.due", in.Body.Due)
	if err != nil {
		return nil, err
	}
	return s.interview(ctx, in.DocumentPath, in.Retry, obligation.Command{
		Kind: obligation.ReturnRectification, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason, Due: due,
	})
}

func (s *server) waiveRectification(ctx context.Context, in *WithdrawInput) (*DocumentOutput, error) {
	return s.interview(ctx, in.DocumentPath, in.Retry, obligation.Command{
		Kind: obligation.WaiveRectification, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason,
	})
}

// interview puts a command about an interview.
func (s *server) interview(ctx context.Context, path DocumentPath, retry Retry, c obligation.Command) (*DocumentOutput, error) {
	c.Text, c.Rung = strings.TrimSpace(c.Text), obligation.Interview
	loc, err := s.zone(ctx, path.Plan)
	if err != nil {
		return nil, err
	}
	def, err := s.Reader.Definition(ctx, path.Plan)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, path, retry, func(d obligation.Document, key string) (obligation.Document, bool, error) {
		c.Key = key
		_, replayed, err := s.replay(ctx, path.id(), c)
		if err != nil || replayed {
			return d, replayed, err
		}
		replayed, err = s.handIn(ctx, path.id(), c, func(c obligation.Command) error {
			if err := d.Can(c, def.Calendar, loc, s.Now()); err != nil {
				return err
			}
			d, err = s.Commands.Interview(ctx, path.id(), c)
			return err
		})
		if replayed {
			d, err = s.Reader.Document(ctx, path.id(), obligation.Interview)
		}
		return d, replayed, ended(path, err)
	})
}

func showMeeting(m *obligation.Meeting, today calendar.Date, loc *time.Location) *Meeting {
	if m == nil {
		return nil
	}
	out := &Meeting{At: in(m.At, loc), Place: m.Place, Material: m.Material, Held: in(m.Held, loc), Outcome: m.Outcome, Exempt: m.Exempt}
	for _, v := range m.Moves {
		out.Moves = append(out.Moves, Move{v.By.Name, in(v.On, loc), v.Reason, in(v.From, loc), in(v.To, loc), v.Place})
	}
	if r := m.Rectification; r != nil {
		out.Rectification = &Rectification{
			Status: r.Status(), StatusLabel: r.Status().Chinese(), Demands: r.Demands, Due: r.Due, OriginalDue: r.Original,
			Overdue: r.OverdueOn(today), Late: r.Late || r.OverdueOn(today), Report: r.Report, Evidence: showEventEvidence(r.Evidence), Reported: in(r.Reported, loc), Returned: r.Returned,
			Reason: r.Reason, Settled: in(r.Settled, loc),
		}
	}
	return out
}

// sameInterview reports whether the event says what the command about an interview asked for.
func sameInterview(e obligation.Event, c obligation.Command) bool {
	if c.Meeting != nil && (e.Meeting == nil || !e.Meeting.At.Equal(c.Meeting.At) || e.Meeting.Place != c.Meeting.Place || e.Meeting.Material != c.Meeting.Material) {
		return false
	}
	return e.Demands == c.Demands && e.Exempt == c.Exempt
}

// documentFilter is what a list of documents selects.
func (s *server) documentFilter(ctx context.Context, in *DocumentsInput) (obligation.DocumentFilter, error) {
	unit, err := scoped(ctx, in.Unit)
	if err != nil {
		return obligation.DocumentFilter{}, err
	}
	f := obligation.DocumentFilter{
		Plan: in.Plan, Unit: unit, Rung: obligation.Rung(in.Rung), Status: obligation.DocumentStatus(in.Status), WaitingOn: in.WaitingOn,
		After: in.Cursor, Limit: in.Limit,
	}
	if onlyIssued(ctx) {
		f.Status = obligation.DocumentIssued
	}
	if !in.Overdue {
		return f, nil
	}
	loc := obligation.Location("Asia/Shanghai")
	if in.Plan != "" {
		if loc, err = s.zone(ctx, in.Plan); err != nil {
			return f, err
		}
	}
	f.Overdue = calendar.DateOf(s.Now(), loc)
	return f, nil
}
