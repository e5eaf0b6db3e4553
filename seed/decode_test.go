package seed_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/seed"
)

type inner struct {
	Days []string `json:"days"`
}

type outer struct {
	inner

	Title *string          `json:"title,omitempty"`
	Due   *[]calendar.Date `json:"due,omitempty"`
	Years map[string]inner `json:"years,omitempty"`
	Parts []struct {
		N int `json:"n"`
	} `json:"parts"`
}

// A file names things as the API does, in YAML or in JSON; what is not written stays nil.
func TestRead(t *testing.T) {
	title, due := "修订", []calendar.Date{calendar.MustDate("2026-06-30")}
	want := outer{inner{[]string{"0101"}}, &title, &due, map[string]inner{"2027": {[]string{"0102", "0103-0105"}}}, nil}
	for name, text := range map[string]string{
		"a.yaml": "days: [0101]\ntitle: 修订\ndue: [2026-06-30]\nyears:\n  2027: {days: [\"0102\", 0103-0105]}\n",
		"a.json": "{\n\t\"days\": [\"0101\"],\n\t\"title\": \"修订\",\n\t\"due\": [\"2026-06-30\"],\n\t\"years\": {\"2027\": {\"days\": [\"0102\", \"0103-0105\"]}}\n}\n",
	} {
		var got outer
		require.NoError(t, seed.Read(name, []byte(text), &got), name)
		require.Equal(t, want, got, name)
	}
	var got outer
	require.NoError(t, seed.Read("a.yaml", []byte("parts: [{n: 1}]"), &got))
	require.Nil(t, got.Title)
	require.EqualError(t, seed.Read("a.yaml", []byte("parts:\n  - {n: 1}\n  - {m: 2}\nyears:\n  2027: 3\n"), &got),
		"a.yaml:3: 不认识的字段 \"m\"，可用：n\na.yaml:5: 2027 应为“字段: 值”的形式，请核对")
}
