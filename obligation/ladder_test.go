package obligation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

func TestStandardLadderIsValid(t *testing.T) {
	require.Empty(t, standard().Validate())
}

func TestLadderFaults(t *testing.T) {
	step := func(i int, change func(*obligation.Step)) func(*obligation.Ladder) {
		return func(l *obligation.Ladder) { change(&l.Steps[i]) }
	}
	const sign, remind, press, letter, circular, review = 0, 1, 5, 6, 7, 9
	type S = obligation.Step
	tests := []struct {
		change func(*obligation.Ladder)
		want   []string
	}{
		{func(l *obligation.Ladder) { l.Code = "" }, []string{"代码只能用小写字母"}},
		{func(l *obligation.Ladder) { l.Code = "标准" }, []string{"代码只能用小写字母"}},
		{func(l *obligation.Ladder) { l.Code = "Standard" }, []string{"代码只能用小写字母"}},
		{func(l *obligation.Ladder) { l.Code = strings.Repeat("a", 41) }, []string{"不超过 40 个字符"}},
		{func(l *obligation.Ladder) { l.Code = strings.Repeat("a", 40) }, nil},
		{func(l *obligation.Ladder) { l.Title = " " }, []string{"缺少名称（title）"}},
		{func(l *obligation.Ladder) { l.Cure = 0 }, []string{"cure 应为 1 到 250 个工作日，现为 0"}},
		{func(l *obligation.Ladder) { l.Cure = 251 }, []string{"cure 应为 1 到 250 个工作日，现为 251"}},
		{func(l *obligation.Ladder) { l.Cure, l.Rework, l.Nudge = 250, 250, 250 }, nil},
		{func(l *obligation.Ladder) { l.Rework = 0 }, []string{"rework 应为 1 到 250 个工作日，现为 0"}},
		{func(l *obligation.Ladder) { l.Nudge = -1 }, []string{"nudge 应为 1 到 250 个工作日，现为 -1"}},
		{func(l *obligation.Ladder) { l.Yellow = -1 }, []string{"yellow 应为 0 到 250 个工作日，现为 -1"}},
		{func(l *obligation.Ladder) { l.Yellow = 251 }, []string{"yellow 应为 0 到 250 个工作日，现为 251"}},
		{func(l *obligation.Ladder) { l.Yellow = 0 }, nil},
		{func(l *obligation.Ladder) { l.Extensions = -1 }, []string{"extensions 应为 0 到 10 次，现为 -1"}},
		{func(l *obligation.Ladder) { l.Extensions = 11 }, []string{"extensions 应为 0 到 10 次，现为 11"}},
		{func(l *obligation.Ladder) { l.Extensions = 10 }, nil},
		{func(l *obligation.Ladder) { l.Extensions = 0 }, nil},
		{func(l *obligation.Ladder) { l.Steps = nil }, []string{"至少要有一个步骤（steps）"}},
		{step(remind, func(s *S) { s.Code = "" }), []string{`步骤代码 "" 为空、过长、重复或含有不允许的字符`}},
		{step(remind, func(s *S) { s.Code = "sign+2" }), []string{`步骤代码 "sign+2" 为空、过长、重复`}},
		{step(remind, func(s *S) { s.Code = "提醒" }), []string{`步骤代码 "提醒"`}},
		{step(remind, func(s *S) { s.Rung = "shout" }), []string{`步骤 remind-15：未知的措施 "shout"，可用 remind、press、letter`}},
		{step(remind, func(s *S) { s.Anchor = "easter" }), []string{`未知的起算点 "easter"，可用 opened、due、submitted`, "从交办或提交起算的天数至少为 1"}},
		{step(review, func(s *S) { s.Anchor = obligation.AnchorAsked }), []string{`未知的起算点 "asked"，可用 opened、due、submitted`}},
		{step(remind, func(s *S) { s.Offset = -251 }), []string{"天数应在 -250 到 250 个工作日之间"}},
		{step(press, func(s *S) { s.Offset = 251 }), []string{"天数应在 -250 到 250 个工作日之间"}},
		{step(press, func(s *S) { s.Offset = 250 }), nil},
		{step(sign, func(s *S) { s.Offset = 0 }), []string{"从交办或提交起算的天数至少为 1"}},
		{step(review, func(s *S) { s.Offset = -1 }), []string{"从交办或提交起算的天数至少为 1"}},
		{step(remind, func(s *S) { s.Every = -1 }), []string{"重复间隔应在 0 到 250 个工作日之间"}},
		{step(remind, func(s *S) { s.Every = 251 }), []string{"重复间隔应在 0 到 250 个工作日之间"}},
		{step(remind, func(s *S) { s.To = "mayor" }), []string{`未知的对象 "mayor"，可用 unit、office`}},
		{step(remind, func(s *S) { s.To = obligation.ToOffice }), nil},
		{step(review, func(s *S) { s.To = obligation.ToUnit }), []string{"从提交起算的提醒只能发给 office"}},
		{step(remind, func(s *S) { s.SignOff = obligation.SignOffOffice }), []string{"提醒和催办不需要签发（signOff）"}},
		{step(press, func(s *S) { s.Letters = 2 }), []string{"只有正式措施可以因督促函次数（letters）提前"}},
		{step(letter, func(s *S) { s.Anchor = obligation.AnchorOpened }), []string{"正式措施只能从到期日（due）之后起算"}},
		{step(letter, func(s *S) { s.Offset = 0 }), []string{"正式措施只能从到期日（due）之后起算"}},
		{step(letter, func(s *S) { s.Every = 5 }), []string{"正式措施不能重复（every）"}},
		{step(letter, func(s *S) { s.To = obligation.ToOffice }), []string{"正式措施的对象只能是 unit"}},
		{step(letter, func(s *S) { s.SignOff = "" }), []string{"正式措施须注明签发人 signOff：auto、office 或 leader"}},
		{step(letter, func(s *S) { s.SignOff = "mayor" }), []string{"正式措施须注明签发人 signOff"}},
		{step(letter, func(s *S) { s.SignOff = obligation.SignOffAuto }), nil},
		{step(letter, func(s *S) { s.Letters = -1 }), []string{"督促函次数（letters）不能为负"}},
		{step(circular, func(s *S) { s.Rung = obligation.Letter }), []string{"步骤 circular+15：同一正式措施（督促函）只能出现一次"}},
		{step(circular, func(s *S) { s.Offset = 4 }), []string{"步骤 circular+15：正式措施的天数倒着走，4 早于上一步 letter+5 的 5；请把各步按先后排列"}},
		{step(circular, func(s *S) { s.Offset = 5 }), nil},
		{step(circular, func(s *S) { s.Rung = obligation.Transfer }), nil},
		// All at once.
		{func(l *obligation.Ladder) {
			l.Title, l.Cure, l.Steps[press].To, l.Steps[letter].SignOff = "", 0, "", ""
		}, []string{
			"缺少名称", "cure 应为", "未知的对象", "正式措施须注明签发人",
		}},
	}
	for _, tt := range tests {
		l := standard()
		tt.change(&l)
		var got []string
		for _, err := range l.Validate() {
			require.Contains(t, err.Error(), "升级阶梯 "+l.Code+"：")
			got = append(got, err.Error())
		}
		require.Len(t, got, len(tt.want), "%v", got)
		for i, want := range tt.want {
			require.Contains(t, got[i], want)
		}
	}
}

func TestFormalRungs(t *testing.T) {
	for rung, want := range map[obligation.Rung]bool{
		obligation.Remind: false, obligation.Press: false, obligation.Letter: true, obligation.Circular: true, obligation.Interview: true,
		obligation.Expose: true, obligation.Transfer: true, "": false, "shout": false,
	} {
		require.Equal(t, want, rung.Formal(), rung)
	}
}
