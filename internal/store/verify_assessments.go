package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"duban/assessment"
	"duban/obligation"
)

// assessments verifies the rules, and of every assessment that its chain is whole, that its state follows from it, and that
// every notice has its message.
func (v *verifier) assessments() error {
	before := len(v.report.Findings)
	var rules []struct {
		Plan        string
		Version     int
		ContentHash string
		Content     []byte
	}
	if err := v.db.Table("assessment_rules").Order("plan, version").Find(&rules).Error; err != nil {
		return err
	}
	for _, r := range rules {
		if sum := sha256.Sum256(r.Content); hex.EncodeToString(sum[:]) != r.ContentHash {
			v.find("", 0, findRules, r.Plan, r.Version)
		}
	}
	var rows []assessmentRow
	if err := v.db.Table("assessments").Order("id").Find(&rows).Error; err != nil {
		return err
	}
	var counts []struct {
		Assessment string
		Seq, N     int
	}
	err := v.db.Table("messages").Select("assessment, seq, COUNT(*) AS n").Where("assessment IS NOT NULL").Group("assessment, seq").Find(&counts).Error
	if err != nil {
		return err
	}
	messages := map[string]map[int]int{}
	for _, c := range counts {
		if messages[c.Assessment] == nil {
			messages[c.Assessment] = map[int]int{}
		}
		messages[c.Assessment][c.Seq] = c.N
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r.ID] = true
		if err := v.assessment(r, messages[r.ID]); err != nil {
			return err
		}
		v.report.Assessments++
	}
	var recorded []string
	if err := v.db.Table("assessment_ledger").Distinct("assessment").Order("assessment").Find(&recorded).Error; err != nil {
		return err
	}
	for _, id := range recorded {
		if !known[id] {
			v.find(id, 0, findOrphan)
		}
	}
	for i := before; i < len(v.report.Findings); i++ {
		if f := &v.report.Findings[i]; f.Nature == NatureModel { // Rebuild makes obligations anew
			f.Nature = NatureRecord
		}
	}
	return nil
}

func (v *verifier) assessment(r assessmentRow, messages map[int]int) error {
	var ledger []assessmentEvent
	if err := v.db.Table("assessment_ledger").Where("assessment = ?", r.ID).Order("seq").Find(&ledger).Error; err != nil {
		return err
	}
	if len(ledger) == 0 {
		v.find(r.ID, 0, findNoLedger)
		return nil
	}
	stored, err := r.state()
	if err != nil {
		v.find(r.ID, r.Seq, findUnreadable, err)
		return nil
	}
	// When the checkpoint was is no event's to say: the count sets all that follows from it.
	state := assessment.State{Plan: r.Plan, Half: r.Half, Stage: assessment.StageCounting}
	var before []byte
	for i, row := range ledger {
		switch {
		case row.Seq != i+1:
			v.find(r.ID, row.Seq, findGap, i+1, row.Seq)
		case !bytes.Equal(obligation.Chain(before, r.ID, row.Event), row.Hash):
			v.find(r.ID, row.Seq, findHash)
		}
		before = row.Hash
		e, err := row.event()
		if err != nil || e.Kind == assessment.Counted && e.Card == nil {
			v.find(r.ID, row.Seq, findUnreadable, err)
			return nil
		}
		if row.Seq != e.Seq || row.Kind != string(e.Kind) || stamp(row.At) != stamp(instant{e.At}) || row.command() != e.Key {
			v.find(r.ID, row.Seq, findColumns)
		}
		if messages[row.Seq] != row.Notices {
			v.find(r.ID, row.Seq, findMessages, row.Notices, messages[row.Seq])
		}
		delete(messages, row.Seq)
		state = assessment.Apply(state, e)
	}
	for _, seq := range slices.Sorted(maps.Keys(messages)) {
		v.find(r.ID, seq, findStrayMessage, seq)
	}
	if last := ledger[len(ledger)-1]; last.Seq != r.Seq || !bytes.Equal(last.Hash, r.HeadHash) {
		v.find(r.ID, r.Seq, findHead, last.Seq)
	}
	a, errA := json.Marshal(stored)
	b, errB := json.Marshal(state.Brief())
	if err := cmp.Or(errA, errB); err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		v.find(r.ID, r.Seq, findState)
	}
	for _, c := range []column{
		{"id", r.ID, state.ID()}, {"stage", r.Stage, string(state.Stage)}, {"waiting_on", r.WaitingOn, state.WaitingOn()},
	} {
		if c.have != c.want {
			v.find(r.ID, r.Seq, findStateColumn, c.name, c.have, c.want)
		}
	}
	return nil
}

func (r assessmentEvent) command() string {
	if r.Command == nil {
		return ""
	}
	return *r.Command
}
