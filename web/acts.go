package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/obligation"
)

// acts says, by the verb that a form is posted to, how what was typed becomes what the API is asked. The form of a verb has
// its name, and so has the notice of what was done.
var acts = map[string]func(c *gin.Context) any{
	"accept":           note,
	"return":           func(c *gin.Context) any { return api.ReturnBody{Reason: typed(c, "reason"), Due: typed(c, "due")} },
	"nudge":            note,
	"waive":            reason,
	"suspend":          reason,
	"resume":           reason,
	"refuse-send-back": reason,
	"grant-extension":  func(c *gin.Context) any { return api.GrantExtensionBody{Due: typed(c, "due"), Text: typed(c, "text")} },
	"refuse-extension": func(c *gin.Context) any { return api.RefuseExtensionBody{Reason: typed(c, "reason")} },
	"skip": func(c *gin.Context) any {
		return api.SkipBody{Rung: obligation.Rung(typed(c, "rung")), Reason: typed(c, "reason")}
	},
	"hand-over": handOver,
	promote:     promotionSaid,

	"sign":     func(*gin.Context) any { return api.ActBody{} },
	"submit":   submission,
	"progress": progress,
	"ask-extension": func(c *gin.Context) any {
		return api.AskExtensionBody{Due: typed(c, "due"), Reason: typed(c, "reason")}
	},
	"send-back":      reason,
	"delegate":       delegate,
	"end-delegation": func(*gin.Context) any { return api.ActBody{} },
	"break-down":     breakDown,
	rectify: func(c *gin.Context) any {
		return api.RectifyBody{Text: typed(c, "text"), Evidence: c.PostFormArray("evidence")}
	},
}

// rectify is the one verb here that is about a document of the obligation: its interview.
const rectify = "rectify"

func note(c *gin.Context) any { return api.NoteBody{Text: typed(c, "text")} }

func reason(c *gin.Context) any { return api.ReasonBody{Reason: typed(c, "reason")} }

func handOver(c *gin.Context) any {
	body := api.HandOverBody{To: api.Person{Name: typed(c, "to")}, Reason: typed(c, "reason")}
	if from := typed(c, "from"); from != "" {
		body.From = &api.Person{Name: from}
	}
	return body
}

func progress(c *gin.Context) any {
	body := api.ProgressBody{Text: typed(c, "text"), Evidence: c.PostFormArray("evidence")}
	if text := typed(c, "percent"); text != "" {
		percent, err := strconv.Atoi(text)
		if err != nil {
			percent = -1 // which is none: the API says what one is
		}
		body.Percent = &percent
	}
	return body
}

func delegate(c *gin.Context) any {
	return api.DelegateBody{To: api.Person{Name: typed(c, "to")}, From: typed(c, "from"), Until: typed(c, "until"), Reason: typed(c, "reason")}
}

func breakDown(c *gin.Context) any {
	body := api.BreakDownBody{Parts: []api.PartInput{}}
	for _, p := range partsTyped(c) {
		body.Parts = append(body.Parts, api.PartInput{Unit: p.Unit, Text: strings.TrimSpace(p.Text), Due: p.Due})
	}
	return body
}

// commandPath returns where the API carries out a verb.
func commandPath(c *gin.Context, verb string) string {
	if verb == rectify {
		return "/documents" + at(append(oneOf(c), string(obligation.Interview), verb)...)
	}
	return "/obligations" + at(append(oneOf(c), verb)...)
}

// typed returns what was typed into a field, without the space around it.
func typed(c *gin.Context, field string) string { return strings.TrimSpace(c.PostForm(field)) }

// act has the API carry out the command of a form, and shows the obligation as it is then. Where it is refused the page comes
// again with what was typed, as of now.
func (s *server) act(c *gin.Context) {
	verb := c.Param("verb")
	body, ok := acts[verb]
	if !ok {
		s.lost(c)
		return
	}
	f, ok := s.planFrame(c, "", menuObligations)
	if !ok {
		return
	}
	if _, err := send[struct{}](s, c, http.MethodPost, commandPath(c, verb), body(c)); err != nil {
		f = s.with(c, f, err)
		if f.refused.Code == api.Code(obligation.CodeConflict) {
			f.Refusal = textConflict
		}
		switch verb {
		case "break-down":
			f.Title = textBreakDown
			s.showBreakDown(c, f.refused.Status, f)
			return
		case promote:
			f.Title = textPromote
			s.showPromotion(c, f.refused.Status, f)
			return
		}
		s.showObligation(c, f.refused.Status, f)
		return
	}
	done(c, plansPath(c.Param("plan"), append([]string{"obligations"}, oneOf(c)[1:]...)...), verb)
}
