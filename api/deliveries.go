package api

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// DeliveriesInput selects deliveries.
type DeliveriesInput struct {
	PlanPath
	Paging
	Status []obligation.DeliveryStatus `query:"status" maxItems:"5" enum:"pending,sending,sent,failed,unknown" doc:"状态，可列多个，以逗号分隔；不填为全部"`
}

// Delivery is what became of one digest on one channel to one address.
type Delivery struct {
	Digest        string                    `json:"digest" doc:"摘要的编号"`
	Day           calendar.Date             `json:"day" format:"date" doc:"摘要的日期"`
	Recipient     string                    `json:"recipient" doc:"责任单位代码；office 为区安委办"`
	RecipientName string                    `json:"recipientName" doc:"收件人名称"`
	Channel       string                    `json:"channel" doc:"渠道"`
	ChannelLabel  string                    `json:"channelLabel" doc:"渠道名称"`
	Address       string                    `json:"address" doc:"地址；手机号码中间四位不显示"`
	Status        obligation.DeliveryStatus `json:"status" enum:"pending,sending,sent,failed,unknown" doc:"状态"`
	StatusLabel   string                    `json:"statusLabel" doc:"状态名称"`
	Attempts      int                       `json:"attempts" doc:"尝试次数"`
	At            time.Time                 `json:"at" doc:"最近一次变动的时间"`
	Error         string                    `json:"error,omitempty" doc:"没有发出的原因；其中的网络地址和号码不显示"`
}

// DeliveryPage is one page of deliveries.
type DeliveryPage struct {
	Deliveries []Delivery `json:"deliveries" doc:"发送情况，最近变动的在前"`
	Next       string     `json:"next,omitempty" doc:"下一页的 cursor；没有则为最后一页"`
}

func (s *server) registerDeliveries() {
	register(s, operation{
		id: "list-deliveries", method: http.MethodGet, path: "/plans/{plan}/deliveries", tag: tagInbox, codes: []Code{Code(obligation.CodeNotFound)},
	}, s.listDeliveries)
}

func (s *server) listDeliveries(ctx context.Context, q *DeliveriesInput) (*Body[DeliveryPage], error) {
	d, err := s.Reader.Definition(ctx, q.Plan)
	if err != nil {
		return nil, err
	}
	dispatches, next, err := s.Reader.Dispatches(ctx, obligation.DispatchFilter{Plan: q.Plan, Statuses: q.Status, After: q.Cursor, Limit: q.Limit})
	if err != nil {
		return nil, paged(err, q.Cursor)
	}
	return answer(DeliveryPage{list(dispatches, func(o obligation.Dispatch) Delivery { return showDispatch(d, o) }), next}), nil
}

func showDispatch(d obligation.Definition, o obligation.Dispatch) Delivery {
	out := Delivery{
		Digest: o.Digest, Day: o.Day, Recipient: o.Recipient, RecipientName: unitName(d, o.Recipient), Channel: o.Channel, ChannelLabel: channelNames[o.Channel],
		Address: o.Address, Status: o.Status, StatusLabel: deliveryStatuses[o.Status], Attempts: o.Attempts,
		At: in(o.At, obligation.Location(d.Plan.Zone)), Error: masked(o.Error),
	}
	if o.Channel == string(plan.ChannelSMS) {
		out.Address = plan.MaskMobile(o.Address)
	}
	return out
}

// inner are what an error may tell of the network and of people: addresses on the web, hosts with their ports, long numbers.
var inner = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://[^\s，。；）)"]+|(\d{1,3}\.){3}\d{1,3}(:\d+)?|\[[0-9a-f:]+\](:\d+)?|\b[a-z0-9-]+(\.[a-z0-9-]+)+:\d+|\d{8,}`)

// masked returns an error's text without them.
func masked(text string) string { return inner.ReplaceAllString(text, "…") }
