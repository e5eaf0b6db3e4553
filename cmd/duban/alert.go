package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"duban/activities"
	"duban/calendar"
	"duban/internal/config"
	"duban/internal/doctor"
	"duban/obligation"
)

// alertClaim begins the names under which processes agree on who tells whom of what: each kind once a day for each recipient.
const alertClaim = "alert/"

// tellOperators sends the alarms to those who look after the installation, and returns an error where it is to be tried again.
func (i *installation) tellOperators(ctx context.Context, day string, alarms []doctor.Alarm) error {
	channels, err := i.channels()
	if err != nil {
		return err
	}
	for _, to := range i.cfg.Alert.Recipients() {
		for _, c := range channels {
			if c.Name() == to.Channel {
				err = errors.Join(err, i.alert(ctx, c, to, day, alarms))
			}
		}
	}
	return err
}

// alert sends to one of them what no other process has told him today.
func (i *installation) alert(ctx context.Context, channel activities.Channel, to config.Recipient, day string, alarms []doctor.Alarm) error {
	now := time.Now()
	midnight, err := time.ParseInLocation(time.DateOnly, day, now.Location())
	if err != nil {
		return err
	}
	claim := func(kind doctor.Kind) string { return alertClaim + to.Channel + ":" + to.Address + "/" + string(kind) }
	var his []doctor.Alarm
	giveBack := func(err error) error { // nothing has left: somebody tries again
		for _, a := range his {
			err = errors.Join(err, i.store.ForgetBeats(context.WithoutCancel(ctx), claim(a.Kind), now.Add(time.Second)))
		}
		return err
	}
	for _, a := range alarms {
		mine, err := i.store.Claim(ctx, claim(a.Kind), now, midnight)
		if err != nil {
			return giveBack(err)
		}
		if mine {
			his = append(his, a)
		}
	}
	if len(his) == 0 {
		return nil
	}
	status, err := channel.Send(ctx, to.Address, alarmDigest(now, day, his))
	if status == obligation.DeliveryPending {
		return giveBack(err)
	}
	if err != nil {
		i.log.ErrorContext(ctx, "alert was not taken", "channel", to.Channel, "status", status, "error", err)
	}
	return nil
}

// alarmDigest is what goes out.
func alarmDigest(now time.Time, day string, alarms []doctor.Alarm) obligation.Digest {
	const plan, measure = "duban", "doctor"
	d := obligation.Digest{
		ID: measure + "/" + now.UTC().Format(time.RFC3339Nano), Plan: plan, Recipient: measure, Day: calendar.DateOf(now, obligation.Location(zone)), Created: now,
	}
	for _, a := range alarms {
		text := a.Subject + "：" + a.Problem + "\n" + textRepair + a.Repair
		if a.Count > 1 {
			text = fmt.Sprintf(textAlarmMore, a.Count) + text
		}
		d.Messages = append(d.Messages, obligation.Message{
			Obligation: obligation.ID{Plan: plan, Measure: measure, Unit: string(a.Kind), Period: day}, Recipient: measure, Created: now,
			Notice: obligation.Notice{To: obligation.ToOffice, Title: fmt.Sprintf(textAlarmTitle, a.Kind.Chinese()), Text: text, Why: textAlarmWhy, Urgent: true},
		})
	}
	return d
}
