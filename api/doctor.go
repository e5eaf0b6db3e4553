package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"duban/account"
)

// Doctor finds what is wrong with the installation and puts it right.
type Doctor interface {
	// Examine returns what is wrong. What can't be looked at is wrong too.
	Examine(ctx context.Context, how Examination) (Diagnosis, error)
	// Repair puts a finding right and says in Chinese what was done. What can't be put right by itself is ErrNotRepairable; every
	// other error is the engine's or the database's.
	Repair(ctx context.Context, kind, subject string) (string, error)
}

// ErrNotRepairable says that a person has to put something right.
var ErrNotRepairable = errors.New("not repairable")

// Examination says how the installation is examined.
type Examination string

// The examinations.
const (
	ExamineLast  Examination = ""      // what was found last
	ExamineNow   Examination = "now"   // now; of the record, the page whose turn it is
	ExamineWhole Examination = "whole" // now, with the whole record
)

type (
	// DiagnosisInput says how to examine.
	DiagnosisInput struct {
		Examine string `query:"examine" enum:"now,whole" doc:"now 现在检查，台账分批核验；whole 现在检查，核验全部台账；不写则给出最近一次的结果"`
	}

	// Diagnosis is what an examination found.
	Diagnosis struct {
		At       time.Time          `json:"at" doc:"检查的时间（本机时钟）"`
		Whole    bool               `json:"whole" doc:"核验了全部台账；否则只核验了轮到的一批，其余的沿用此前的结果"`
		Healthy  bool               `json:"healthy" doc:"没有故障；可以有提示"`
		Findings []DiagnosisFinding `json:"findings" doc:"故障和提示"`
	}

	// DiagnosisFinding is one thing that is wrong.
	DiagnosisFinding struct {
		Kind      string     `json:"kind" doc:"类别，稳定的代码"`
		Label     string     `json:"label" doc:"类别的名称"`
		Subject   string     `json:"subject" doc:"何处：流程、责任事项、方案、文件等的编号"`
		Problem   string     `json:"problem" doc:"怎么回事"`
		Since     *time.Time `json:"since,omitempty" doc:"从何时起；不知道的没有"`
		Repair    string     `json:"repair" doc:"怎样修复：能自动修复的，为将要做的事；否则为谁该做什么"`
		Automatic bool       `json:"automatic" doc:"能否自动修复"`
		Notice    bool       `json:"notice" doc:"只是提示，还不是故障"`
	}

	// RepairInput names a finding.
	RepairInput struct {
		Body RepairBody
	}

	// RepairBody names a finding.
	RepairBody struct {
		Kind    string `json:"kind" maxLength:"64" doc:"类别，如检查结果所示"`
		Subject string `json:"subject" minLength:"1" maxLength:"512" doc:"何处，如检查结果所示"`
	}

	// Repaired says what was done.
	Repaired struct {
		Done string `json:"done" doc:"做了什么"`
	}
)

func (s *server) registerDoctor() {
	register(s, operation{id: "get-diagnosis", method: http.MethodGet, path: "/doctor", tag: tagHealth, limit: s.SeedTimeout}, s.getDiagnosis)
	register(s, operation{
		id: "repair-fault", method: http.MethodPost, path: "/doctor/repair", tag: tagHealth, limit: s.CommandTimeout, codes: []Code{CodeNotRepairable},
	}, s.repairFault)
}

func (s *server) getDiagnosis(ctx context.Context, in *DiagnosisInput) (*Body[Diagnosis], error) {
	d, err := s.Doctor.Examine(ctx, Examination(in.Examine))
	if err != nil {
		return nil, err
	}
	d.At, d.Findings = d.At.In(zoneOfOffice), filled(d.Findings)
	d.Healthy = true
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Since != nil {
			since := f.Since.In(zoneOfOffice)
			f.Since = &since
		}
		d.Healthy = d.Healthy && d.Findings[i].Notice
	}
	return answer(d), nil
}

func (s *server) repairFault(ctx context.Context, in *RepairInput) (*Body[Repaired], error) {
	done, err := s.Doctor.Repair(ctx, in.Body.Kind, in.Body.Subject)
	switch {
	case errors.Is(err, ErrNotRepairable):
		return nil, newProblem(CodeNotRepairable)
	case err != nil:
		return nil, engine(err)
	}
	// It is done: that is told also where the caller has gone meanwhile.
	err = s.Accounts.Note(context.WithoutCancel(ctx), caller(ctx), account.FaultRepaired, in.Body.Subject, in.Body.Kind+" "+done, remote(ctx))
	return answer(Repaired{done}), err
}
