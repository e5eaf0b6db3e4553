package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"duban/obligation"
	"duban/plan"
)

// officeTag marks the unit that is the office itself: its contacts get what goes to the office.
const officeTag = "office"

// contact is where one person is reached, in the order of its choice.
type contact []target

// target is an address on a channel.
type target struct{ channel, address string }

// contactsOf returns the contacts that have an address, by recipient: a unit's code, or "office".
func contactsOf(q *gorm.DB, plan string) (map[string][]contact, error) {
	var rows []struct {
		Unit, Channel, Address string
		Choice                 int
		Tags                   []byte
	}
	err := q.Table("contact_addresses").Select("contact_addresses.unit, contact_addresses.choice, channel, address, units.tags").
		Joins("JOIN units ON units.plan = contact_addresses.plan AND units.code = contact_addresses.unit").
		Where("contact_addresses.plan = ?", plan).Order("contact_addresses.unit, position, choice").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	out := map[string][]contact{}
	for _, r := range rows {
		recipients := []string{r.Unit}
		var tags []string
		if err := json.Unmarshal(r.Tags, &tags); err != nil {
			return nil, fmt.Errorf("tags of %s: %w", r.Unit, err)
		}
		if slices.Contains(tags, officeTag) {
			recipients = append(recipients, string(obligation.ToOffice))
		}
		for _, to := range recipients {
			if r.Choice == 0 {
				out[to] = append(out[to], nil)
			}
			last := &out[to][len(out[to])-1]
			*last = append(*last, target{r.Channel, r.Address})
		}
	}
	return out, nil
}

// known reports whether the store can deliver to a channel.
func known(channel string) bool {
	switch plan.Channel(channel) {
	case plan.ChannelMail, plan.ChannelWeCom, plan.ChannelDingTalk, plan.ChannelFeishu, plan.ChannelSMS:
		return true
	}
	return channel == ChannelWebhook
}

// book is what decides where a digest goes: who is to be told, and by what is switched on.
type book struct {
	channels []string
	contacts []contact // of the recipient
}

// first returns of every contact the first target that is switched on and free to be used for the digest. A program
// that is told of everything is told as well.
func (t *tx) first(b book, g digestRow) ([]target, error) {
	var out []target
	for _, c := range b.contacts {
		to, err := t.usable(b, g, c)
		if err != nil {
			return nil, err
		}
		out = append(out, to...)
	}
	if slices.Contains(b.channels, ChannelWebhook) {
		out = append(out, target{ChannelWebhook, g.Recipient})
	}
	return out, nil
}

// usable returns the first of the targets that can be used for the digest; none where no one can.
func (t *tx) usable(b book, g digestRow, targets []target) ([]target, error) {
	for _, to := range targets {
		if !slices.Contains(b.channels, to.channel) {
			continue
		}
		if to.channel == string(plan.ChannelSMS) {
			if spent, err := t.spent(g, to); err != nil || spent {
				if err != nil {
					return nil, err
				}
				continue
			}
		}
		return []target{to}, nil
	}
	return nil, nil
}

// spent reports whether the number has its one short message of the day from the recipient's digests already.
func (t *tx) spent(g digestRow, to target) (bool, error) {
	var n int
	err := t.QueryRowContext(t.ctx, "SELECT COUNT(*) FROM deliveries JOIN digests ON digests.id = deliveries.digest "+
		"WHERE digests.plan = ? AND digests.recipient = ? AND digests.day = ? AND digests.id <> ? AND channel = ? AND address = ? AND status <> ?",
		g.Plan, g.Recipient, g.Day, g.ID, to.channel, to.address, string(obligation.DeliveryFailed)).Scan(&n)
	return n > 0, err
}
