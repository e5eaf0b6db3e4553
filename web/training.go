package web

import (
	"math"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
)

func (s *server) registerTraining(p routes) {
	p.get("/training", s.training)
	p.post("/training/pace", s.paceTraining)
	p.post("/training/units", s.takeUnit)
}

// trainingView is how a training stands, and who plays in it.
type trainingView struct {
	api.TrainingState
	Units []api.Unit
	names map[string]string
}

// steered reports whether the caller may steer.
func steered(who account.Caller) bool { return who.Role == account.Office || who.Role == account.Admin }

// share returns how much of the training is over, in thousandths.
func (v trainingView) share() int {
	whole, done := v.Until.Sub(v.Start), v.Now.Sub(v.Start)
	if whole <= 0 {
		return 0
	}
	return int(math.Round(1000 * float64(done) / float64(whole)))
}

func speedText(daysPerSecond float64) string { return strconv.FormatFloat(daysPerSecond, 'g', 3, 64) }

func (s *server) training(c *gin.Context) {
	s.showTraining(c, http.StatusOK, s.frame(c, textTraining, menuTraining))
}

func (s *server) showTraining(c *gin.Context, status int, f frame) {
	state, err := get[api.TrainingState](s, c, "/training", nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	v := trainingView{TrainingState: state}
	if f.Plan.Code != "" {
		if v.names, v.Units, err = s.unitNames(c, f.Plan.Code); err != nil {
			s.fail(c, f, err)
			return
		}
	}
	s.render(c, status, trainingPage(f, v))
}

func (s *server) steer(c *gin.Context, path string, body any) {
	if _, err := send[api.TrainingState](s, c, http.MethodPut, path, body); err != nil {
		f := s.with(c, s.frame(c, textTraining, menuTraining), err)
		s.showTraining(c, f.refused.Status, f)
		return
	}
	c.Redirect(http.StatusSeeOther, "/training")
}

func (s *server) paceTraining(c *gin.Context) {
	var in api.PaceInput
	in.Body.Paused = c.PostForm("pace") == "pause"
	if text := c.PostForm("speed"); text != "" {
		speed, err := strconv.ParseFloat(text, 64)
		if err != nil {
			speed = -1 // which is no speed, and refused as one
		}
		in.Body.DaysPerSecond = speed
	}
	s.steer(c, "/training/pace", in.Body)
}

func (s *server) takeUnit(c *gin.Context) {
	var in api.TakeInput
	in.Body.ByHand = c.PostForm("play") == "take"
	s.steer(c, "/training/units"+at(c.PostForm("unit")), in.Body)
}
