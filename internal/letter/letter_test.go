package letter

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"

	"duban/obligation"
)

// "go test ./internal/letter -update" takes changes over; look at the documents before.
func TestDocumentsAreAsTheyWere(t *testing.T) {
	g := goldie.New(t, goldie.WithNameSuffix(".golden.xml"))
	for name, docx := range everything(t) {
		// A line for each paragraph shows what changed.
		g.Assert(t, name, []byte(strings.NewReplacer("<w:p>", "\n<w:p>", "<w:sectPr>", "\n<w:sectPr>").Replace(part(t, docx, "word/document.xml"))+"\n"))
	}
}

func TestSameLetterSameBytes(t *testing.T) {
	first, second := everything(t), everything(t)
	require.Equal(t, first, second)
	for _, docx := range first {
		r, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
		require.NoError(t, err)
		require.Equal(t, "[Content_Types].xml", r.File[0].Name)
		for _, f := range r.File {
			require.Equal(t, modified, f.Modified.UTC(), f.Name)
			require.Equal(t, zip.Store, f.Method, f.Name)
		}
	}
}

// Word opens no file with a part that is no XML, is not announced, or is referred to and missing.
func TestEveryPartIsWellFormedAndAnnounced(t *testing.T) {
	for name, docx := range everything(t) {
		r, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
		require.NoError(t, err)
		types := part(t, docx, "[Content_Types].xml")
		rels := part(t, docx, "word/_rels/document.xml.rels")
		for _, f := range r.File {
			wellFormed(t, part(t, docx, f.Name))
			if strings.HasSuffix(f.Name, ".xml") && strings.HasPrefix(f.Name, "word/") {
				require.Contains(t, types, `PartName="/`+f.Name+`"`, name)
				if f.Name != "word/document.xml" {
					require.Contains(t, rels, `Target="`+strings.TrimPrefix(f.Name, "word/")+`"`, name)
				}
			}
		}
		for _, ref := range regexp.MustCompile(`r:id="(rId\d+)"`).FindAllStringSubmatch(part(t, docx, "word/document.xml"), -1) {
			require.Contains(t, rels, `Id="`+ref[1]+`"`, name)
		}
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

// GB/T 9704—2012: A4, margins 37/35/28/26 mm, 22 lines of 28 characters.
func TestPageIsTheStandards(t *testing.T) {
	mm := func(twips int) float64 { return float64(twips) * 25.4 / 1440 }
	for want, got := range map[float64]int{210: pageWidth, 297: pageHeight, 37: marginTop, 35: marginBottom, 28: marginLeft, 26: marginRight, 170: ruleWidth, 30: nameTop, 4: ruleGap} {
		require.InDelta(t, want, mm(got), 0.05)
	}
	require.Equal(t, 22, (pageHeight-marginTop-marginBottom)/linePitch)
	require.Equal(t, 28, textWidth/charPitch)
	require.InDelta(t, 20, mm(pageHeight-ruleBottom), 0.05, "lower rule of a letter")
	for name, docx := range everything(t) {
		body := part(t, docx, "word/document.xml")
		require.Contains(t, body, `<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587"`, name)
		require.Contains(t, body, `<w:docGrid w:type="linesAndChars" w:linePitch="579" w:charSpace="-842"/>`, name)
		require.Contains(t, part(t, docx, "word/styles.xml"), `<w:spacing w:line="579" w:lineRule="exact"/>`, name)
	}
}

func TestFontsAreNamedAndNeverCarried(t *testing.T) {
	for name, docx := range everything(t) {
		table := part(t, docx, "word/fontTable.xml")
		for _, text := range []string{part(t, docx, "word/document.xml"), part(t, docx, "word/header3.xml"), part(t, docx, "word/footer1.xml")} {
			for _, font := range regexp.MustCompile(`w:eastAsia="([^"]+)"`).FindAllStringSubmatch(text, -1) {
				require.Contains(t, table, `<w:font w:name="`+font[1]+`"><w:altName `, name)
			}
		}
		require.NotContains(t, table, "embed")
	}
	letter := part(t, everything(t)["letter"], "word/document.xml")
	require.Regexp(t, `w:eastAsia="方正小标宋简体"[^/]*/><w:sz w:val="44"/>.{0,40}<w:t xml:space="preserve">关于督促落实`, letter)
	require.Regexp(t, `w:eastAsia="黑体"[^/]*/></w:rPr><w:t xml:space="preserve">一、抓紧办理。</w:t>`, letter)
	interview := part(t, everything(t)["interview"], "word/document.xml")
	require.Regexp(t, `w:eastAsia="楷体_GB2312"[^/]*/></w:rPr><w:t xml:space="preserve">（一）书面情况说明。</w:t>`, interview)
}

func TestPageNumbers(t *testing.T) {
	for name, docx := range everything(t) {
		odd, even, first := part(t, docx, "word/footer1.xml"), part(t, docx, "word/footer2.xml"), part(t, docx, "word/footer3.xml")
		for text, at := range map[string]string{odd: "right", even: "left"} {
			require.Regexp(t, `— .*fldCharType="begin".* PAGE .*fldCharType="end".* —`, text, name)
			require.Contains(t, text, `<w:jc w:val="`+at+`"/>`)
			require.Contains(t, text, `w:eastAsia="宋体"`)
			require.Contains(t, text, `<w:sz w:val="28"/>`)
		}
		require.Contains(t, odd, `<w:ind w:left="0" w:right="315"/>`)
		require.Contains(t, even, `<w:ind w:left="315" w:right="0"/>`)
		require.Contains(t, part(t, docx, "word/settings.xml"), "<w:evenAndOddHeaders/>")
		require.NotContains(t, first, "PAGE")
		byLetterForm := strings.Contains(part(t, docx, "word/document.xml"), "<w:titlePg/>")
		require.Equal(t, !slices.Contains([]string{"circular", "minutes", "report"}, name), byLetterForm, name)
	}
}

func TestLetterForm(t *testing.T) {
	docx := everything(t)["letter"]
	head, foot, body := part(t, docx, "word/header3.xml"), part(t, docx, "word/footer3.xml"), part(t, docx, "word/document.xml")
	require.Contains(t, head, "上海市长宁区安全生产委员会办公室")
	require.Contains(t, head, `<w:color w:val="FF0000"/>`)
	require.Contains(t, head, `<w:pBdr><w:top w:val="single" w:sz="18" w:space="0" w:color="FF0000"/><w:bottom w:val="single" w:sz="6" w:space="0" w:color="FF0000"/></w:pBdr>`,
		"thick above thin")
	require.Contains(t, foot, `<w:pBdr><w:top w:val="single" w:sz="6" w:space="0" w:color="FF0000"/><w:bottom w:val="single" w:sz="18" w:space="0" w:color="FF0000"/></w:pBdr>`,
		"thin above thick")
	require.Regexp(t, `<w:jc w:val="right"/></w:pPr><w:r><w:rPr>[^t]*(</w:rPr>)?.{0,200}长安委办〔2026〕5号`, body)
	require.NotContains(t, body, "印发")
	requireText(t, body, "华阳路街道：", "2026年4月10日", "截至2026年4月8日，已逾期8天", "请于2026年4月17日前书面报送", "（联系人：（联系人），电话：（电话））")
}

func TestFileForm(t *testing.T) {
	docx := everything(t)["circular"]
	body := part(t, docx, "word/document.xml")
	requireText(t, body, "上海市长宁区安全生产委员会文件", "长安委〔2026〕3号", "抄送：区委办，区府办。", "2026年4月10日印发", "华阳路街道")
	require.Contains(t, body, `<w:pBdr><w:top w:val="single" w:sz="18" w:space="0" w:color="FF0000"/></w:pBdr>`)
}

func TestMinutesHaveTwoPlacesToSign(t *testing.T) {
	body := part(t, everything(t)["minutes"], "word/document.xml")
	require.Equal(t, 2, strings.Count(body, ">签字：<"))
	requireText(t, body, "2026年4月15日（星期三）14:00", "区安委办第一会议室", "被约谈单位表态将按要求整改。", "长安委办〔2026〕12号", "于2026年4月30日前完成整改")
}

func TestExtensionReplies(t *testing.T) {
	all := everything(t)
	granted := part(t, all["extension"], "word/document.xml")
	requireText(t, granted, "同意延期。期限由2026年3月31日延至2026年4月24日。", "你单位2026年3月24日提出", "延至2026年4月30日", "请每周报送进展。")
	require.NotContains(t, granted, "不同意")
	require.NotContains(t, granted, "号</w:t></w:r></w:p><w:p><w:pPr><w:spacing", "it has no number")
	requireText(t, part(t, all["extension-refused"], "word/document.xml"), "不同意延期，期限仍为2026年3月31日。", "理由：该项工作已有成熟做法可以参照，时间足够。")
}

func TestDraftIsMarkedAndHasNoNumber(t *testing.T) {
	docx := everything(t)["letter-draft"]
	for _, head := range []string{"word/header1.xml", "word/header2.xml", "word/header3.xml"} {
		require.Contains(t, part(t, docx, head), "草　稿", head)
	}
	body := part(t, docx, "word/document.xml")
	require.NotContains(t, body, "长安委办〔")
	requireText(t, body, "年　月　日", "收到本函后5个工作日内")
	require.NotContains(t, part(t, everything(t)["letter"], "word/header1.xml"), "草")
}

// On a clock that is not the wall's everything says so.
func TestExerciseIsMarked(t *testing.T) {
	w := writer(t, Office{Exercise: true})
	for number, want := range map[string]string{"长安委办〔2026〕5号": "演　练（", "": "草　稿　·　演　练"} {
		_, docx, err := w.Document(document(obligation.Letter, number), late(), definition(t))
		require.NoError(t, err)
		require.Contains(t, part(t, docx, "word/header1.xml"), want)
		require.NotContains(t, part(t, docx, "word/document.xml"), "联系人", "nobody is named")
	}
}

func TestReturnedReportSaysSo(t *testing.T) {
	s := late()
	s.Stage, s.Anchor = obligation.StageReturned, s.Due.AddDays(3)
	s.Original = s.Due.AddDays(-30)
	_, docx, err := writer(t, contact).Document(document(obligation.Letter, ""), s, definition(t))
	require.NoError(t, err)
	requireText(t, part(t, docx, "word/document.xml"), "补正期限为2026年4月3日，截至2026年4月8日已逾期5天", "（原定2026年3月1日）")
}

// What is said to have been done before was done: rungs may be skipped, and drafts withdrawn.
func TestOnlyWhatReachedTheUnitIsCounted(t *testing.T) {
	s := late()
	at := s.Due.At(0, shanghai)
	s.Formals = []obligation.Formal{
		{Rung: obligation.Letter, Drafted: at, Settled: at, Number: "长安委办〔2026〕5号"},
		{Rung: obligation.Circular, Drafted: at, Settled: at},
		{Rung: obligation.Interview, Drafted: at, Settled: at, Number: "长安委办〔2026〕6号"},
		{Rung: obligation.Expose, Drafted: at},
	}
	_, docx, err := writer(t, contact).Document(document(obligation.Expose, ""), s, definition(t))
	require.NoError(t, err)
	requireText(t, part(t, docx, "word/document.xml"), "已逾期8天，经函告、约谈仍未完成。")
}

func TestAnyTextIsSafe(t *testing.T) {
	s := late()
	s.Title = "<w:p>&amp;“甲”\n　二行\x01" + strings.Repeat("很长的标题", 60)
	s.UnitName = `<单位> & "某某" ` + strings.Repeat("街道", 100)
	s.Quote = "{{.单位}} ]]> <!--"
	for _, rung := range []obligation.Rung{obligation.Letter, obligation.Circular, obligation.Interview} {
		title, docx, err := writer(t, contact).Document(document(rung, "长安委办〔2026〕5号"), s, definition(t))
		require.NoError(t, err)
		require.NotContains(t, title, "\n")
		body := part(t, docx, "word/document.xml")
		wellFormed(t, body)
		requireText(t, body, "&lt;w:p&gt;&amp;amp;‘甲’二行", "&lt;单位&gt; &amp; &#34;某某&#34;", "{{.单位}}")
	}
}

func TestCircularListsManyUnits(t *testing.T) {
	docx, err := Render(Circular, circularOf24())
	require.NoError(t, err)
	body := part(t, docx, "word/document.xml")
	require.Equal(t, 25, strings.Count(body, "<w:tr>"))
	require.Equal(t, 1, strings.Count(body, "<w:tblHeader/>"), "the head is repeated on every page")
	require.Equal(t, 25, strings.Count(body, "<w:cantSplit/>"))
	requireText(t, body, ">24<", "第24责任单位")
}

func TestAttachmentsAndCopiesOfALetter(t *testing.T) {
	l := circularOf24()
	l.Body, l.Attachments = []string{"正文。", listHere}, []string{"一张表", "又一张表"}
	docx, err := Render(Urge, l)
	require.NoError(t, err)
	body := part(t, docx, "word/document.xml")
	requireText(t, body, "附件：1.一张表", "　　　2.又一张表", "抄送：区委办，区府办。", listHere)
	require.NotContains(t, body, "印发", "a letter has neither rules nor printer in its imprint")
}

func TestTaskNames(t *testing.T) {
	for code, want := range map[string]string{"10": "第10项任务", "S3": "保障措施第3项", "G": "总体目标和任务分工"} {
		require.Equal(t, want, taskName(code))
	}
}

func TestUnknownRungHasNoForm(t *testing.T) {
	_, _, err := writer(t, contact).Document(document(obligation.Remind, ""), late(), definition(t))
	require.ErrorContains(t, err, "no form")
	_, _, err = writer(t, contact).ExtensionReply(obligation.Event{Seq: 4}, late(), definition(t))
	require.ErrorContains(t, err, "no application")
}

func requireText(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		require.Contains(t, body, text)
	}
}

// What the office names takes the place of what is usual.
func TestInterviewNamesWhatToBring(t *testing.T) {
	d := document(obligation.Interview, "长安委办〔2026〕12号")
	d.Meeting.Material = "汇编初稿、\n学习记录。"
	_, docx, err := writer(t, contact).Document(d, late(), definition(t))
	require.NoError(t, err)
	body := part(t, docx, "word/document.xml")
	requireText(t, body, "汇编初稿、学习记录。")
	require.NotContains(t, body, "佐证材料")
}

// Minutes say what has to be put right, that nothing has, or, of an interview from before that was asked, the usual.
func TestMinutesSayWhatHasToBePutRight(t *testing.T) {
	w := writer(t, contact)
	d := held()
	for want, change := range map[string]func(*obligation.Meeting){
		"于2026年4月30日前完成整改": func(*obligation.Meeting) {},
		"不另行提出整改要求：当场完成。":  func(m *obligation.Meeting) { m.Rectification, m.Exempt = nil, "当场完成。" },
		"于2026年4月22日前书面报送": func(m *obligation.Meeting) { m.Rectification = nil },
	} {
		m := *d.Meeting
		change(&m)
		with := d
		with.Meeting = &m
		_, docx, err := w.Minutes(with, late(), definition(t))
		require.NoError(t, err)
		requireText(t, part(t, docx, "word/document.xml"), want)
	}
}
