package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestQuotes(t *testing.T) {
	text := "请各区、各部门于 3月 25日前\u3000将\n联络员信息\u200b报送，2024 \n\n年底前完成。"
	for phrase, want := range map[string]bool{
		"各部门于3月25日前将联络员信息报送": true,
		"各部门 于3月2 5日前":       true,
		"2024年底前完成":          true,
		"2024年底前，完成":         false,
		"":                   false,
		" \n":                false,
		"联络员信息（单位）":          false,
		text:                 true,
	} {
		require.Equal(t, want, Quotes(text, phrase), phrase)
	}
}

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"":              "",
		" \n\t":         "",
		"2024 \n\n年底前，": "2024年底前，",
		"各部门于 3月 25日前将\n联络员":   "各部门于3月25日前将联络员",
		"　第 114次\u200b会议 ":     "第114次会议",
		"WPS  Office\n2024 版":  "WPS Office 2024版",
		"（AQ8011-2023），加强":     "（AQ8011-2023），加强",
		"0 0 28 * *":           "0 0 28 * *",
		"“科技+信用” \"12345\" 热线": "“科技+信用”\"12345\"热线",
	} {
		require.Equal(t, want, Normalise(in))
	}
	require.Equal(t, "二、组织领导\n组长：侯继军", NormaliseLines("\n 二、组织 领导\r\n\n  组长： 侯继军\n"), "paragraphs stay")
}

func TestNormaliseProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("年底前a1 \n\t\u3000\u200b，."))).Draw(t, "text")
		once := Normalise(s)
		require.Equal(t, once, Normalise(once), "normalising twice changes nothing more")
		require.Equal(t, Squeeze(s), Squeeze(once), "nothing but white space is touched")
		require.Equal(t, Squeeze(s), Squeeze(NormaliseLines(s)))
		require.Equal(t, NormaliseLines(s), NormaliseLines(NormaliseLines(s)))
		require.Equal(t, Squeeze(s) != "", Quotes("前文"+s+"后文", s))
	})
}
