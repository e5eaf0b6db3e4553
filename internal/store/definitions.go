package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"duban/obligation"
	"duban/plan"
)

// PutDefinition stores what a plan runs by as its next version, from 1, unless nothing but version and as-of date
// differs from the last one. The as-of date of the first seeding stays for good. Every version is kept. Units are
// brought up to date; contacts are replaced where the definition names any.
func (s *Store) PutDefinition(ctx context.Context, d obligation.Definition) (stored obligation.Definition, changed bool, err error) {
	return s.putDefinition(ctx, d, nil)
}

// ReviseDefinition is PutDefinition for what was made out of the stored definition. Where d.Version, the one it was made
// from, is no longer the last, it is refused with CodeConflict: what somebody else changed meanwhile is not overwritten.
func (s *Store) ReviseDefinition(ctx context.Context, d obligation.Definition) (stored obligation.Definition, changed bool, err error) {
	return s.putDefinition(ctx, d, &d.Version)
}

func (s *Store) putDefinition(ctx context.Context, d obligation.Definition, base *int) (stored obligation.Definition, changed bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		stored, changed = d, false
		var asOf date
		var hash string
		row := t.QueryRowContext(t.ctx,
			"SELECT version, as_of, content_hash FROM definitions WHERE plan = ? ORDER BY version DESC LIMIT 1"+t.store.dialect.lock, d.Plan.Code)
		stored.Version = 0
		switch err := row.Scan(&stored.Version, &asOf, &hash); {
		case err == nil:
			stored.AsOf = asOf.Date
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		content, sum, err := contentOf(stored)
		if err != nil || sum == hash {
			return err
		}
		if base != nil && *base != stored.Version {
			return &obligation.Error{Code: obligation.CodeConflict}
		}
		stored.Version++
		changed = true
		err = t.insert("definitions", []string{"plan", "version", "as_of", "content_hash", "content", "seeded_at"}, "",
			[][]any{{d.Plan.Code, stored.Version, date{stored.AsOf}, sum, string(content), instant{s.now()}}})
		if err != nil {
			return err
		}
		return t.putUnits(d.Plan)
	})
	return stored, changed, err
}

// contentOf returns a definition as it is stored and compared: without its version.
func contentOf(d obligation.Definition) (content []byte, hash string, err error) {
	d.Version = 0
	content, err = json.Marshal(d)
	if err != nil {
		return nil, "", fmt.Errorf("definition of %s: %w", d.Plan.Code, err)
	}
	sum := sha256.Sum256(content)
	return content, hex.EncodeToString(sum[:]), nil
}

func (t *tx) putUnits(p plan.Plan) error {
	var units, contacts, addresses [][]any
	var replaced []any
	for _, u := range p.Units {
		tags, err := json.Marshal(slices.Concat([]string{}, u.Tags))
		if err != nil {
			return err
		}
		aliases, err := json.Marshal(slices.Concat([]string{}, u.Aliases))
		if err != nil {
			return err
		}
		units = append(units, []any{p.Code, u.Code, u.Name, string(u.Kind), string(tags), string(aliases), date{u.From}, date{u.To}})
		for i, c := range u.Contacts {
			contacts = append(contacts, []any{p.Code, u.Code, i, c.Name, c.Email})
			for choice, a := range c.Addresses() {
				addresses = append(addresses, []any{p.Code, u.Code, i, choice, string(a.Channel), a.Address})
			}
		}
		if len(u.Contacts) > 0 {
			replaced = append(replaced, u.Code)
		}
	}
	values := []string{"name", "kind", "tags", "aliases", "valid_from", "valid_to"}
	suffix := t.store.dialect.replace("plan, code", values)
	if err := t.insert("units", slices.Concat([]string{"plan", "code"}, values), suffix, units); err != nil {
		return err
	}
	for _, unit := range replaced {
		for _, table := range []string{"contacts", "contact_addresses"} {
			if _, err := t.exec("DELETE FROM "+table+" WHERE plan = ? AND unit = ?", p.Code, unit); err != nil {
				return err
			}
		}
	}
	if err := t.insert("contacts", []string{"plan", "unit", "position", "name", "email"}, "", contacts); err != nil {
		return err
	}
	return t.insert("contact_addresses", []string{"plan", "unit", "position", "choice", "channel", "address"}, "", addresses)
}

type definitionRow struct {
	Plan    string
	Version int
	Content []byte
}

func (r definitionRow) definition() (obligation.Definition, error) {
	var d obligation.Definition
	if err := json.Unmarshal(r.Content, &d); err != nil {
		return d, fmt.Errorf("definition of %s: %w", r.Plan, err)
	}
	d.Version = r.Version
	return d, nil
}

// Definition returns what the plan runs by now.
func (s *Store) Definition(ctx context.Context, plan string) (obligation.Definition, error) {
	var row definitionRow
	err := s.reader(ctx).Table("definitions").Where("plan = ?", plan).Order("version DESC").Limit(1).Take(&row).Error
	if err != nil {
		return obligation.Definition{}, translate(err)
	}
	return row.definition()
}

// Definitions returns what every plan runs by now, by the plans' codes.
func (s *Store) Definitions(ctx context.Context) ([]obligation.Definition, error) {
	var rows []definitionRow
	newest := s.reader(ctx).Table("definitions").Select("plan, MAX(version)").Group("plan")
	err := s.reader(ctx).Table("definitions").Where("(plan, version) IN (?)", newest).Order("plan").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]obligation.Definition, len(rows))
	for i, r := range rows {
		if out[i], err = r.definition(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// PutOutcomes keeps what the office says of obligations of the plan that fell due before the as-of date. It replaces
// what was said of the same ones.
func (s *Store) PutOutcomes(ctx context.Context, plan string, list map[obligation.ID]obligation.Outcome) error {
	rows := make([][]any, 0, len(list))
	for id, outcome := range list {
		if id.Plan != plan {
			return fmt.Errorf("outcome of %s in plan %s", id, plan)
		}
		rows = append(rows, []any{id.String(), plan, string(outcome), instant{s.now()}})
	}
	return s.write(ctx, func(t *tx) error {
		return t.insert("outcomes", []string{"obligation", "plan", "outcome", "updated_at"}, t.store.dialect.replace("obligation", []string{"outcome", "updated_at"}), rows)
	})
}

// lookup is how many keys one query names.
const lookup = 500

// Outcomes returns what the office says of the obligations; those it says nothing of are missing.
func (s *Store) Outcomes(ctx context.Context, ids []obligation.ID) (map[obligation.ID]obligation.Outcome, error) {
	out := map[obligation.ID]obligation.Outcome{}
	for chunk := range slices.Chunk(ids, lookup) {
		keys := make([]string, len(chunk))
		for i, id := range chunk {
			keys[i] = id.String()
		}
		var rows []struct{ Obligation, Outcome string }
		if err := s.reader(ctx).Table("outcomes").Where("obligation IN ?", keys).Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			if id, ok := obligation.ParseID(r.Obligation); ok {
				out[id] = obligation.Outcome(r.Outcome)
			}
		}
	}
	return out, nil
}
