package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnitMatches(t *testing.T) {
	u := Unit{Code: "yjj", Name: "区应急局", Aliases: []string{"区应急管理局"}, Tags: []string{"安委会成员"}}
	for text, want := range map[string]bool{
		"": true, " ": true, "应急": true, "管理局": true, "yj": true, "成员": true, " 区应急局 ": true, "消防": false, "政府": false,
	} {
		require.Equal(t, want, u.Matches(text), text)
	}
}
