package calendar_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
)

const notice2026 = `国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号
　　经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
　　一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
　　二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
　　三、清明节：4月4日（周六）至6日（周一）放假，共3天。
　　四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
　　五、端午节：6月19日（周五）至21日（周日）放假，共3天。
　　六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
　　七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
　　节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。`

const notice2025 = `国务院办公厅关于2025年部分节假日安排的通知
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。`

const notice2024 = `关于2024年部分节假日安排的通知 一、元旦：1月1日放假，与周末连休。二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。`

// The notices as they were published give the calendars that duban carries.
func TestParseNotice(t *testing.T) {
	for text, want := range map[string]calendar.Notice{
		notice2026: {Number: 2026, Year: calendar.Year{
			Off: []string{"0101-0103", "0215-0223", "0404-0406", "0501-0505", "0619-0621", "0925-0927", "1001-1007"},
			On:  []string{"0104", "0214", "0228", "0509", "0920", "1010"},
		}},
		notice2025: {Number: 2025, Year: calendar.Year{
			Off: []string{"0101", "0128-0204", "0404-0406", "0501-0505", "0531-0602", "1001-1008"},
			On:  []string{"0126", "0208", "0427", "0928", "1011"},
		}},
		notice2024: {Number: 2024, Year: calendar.Year{
			Off: []string{"0101", "0210-0217", "0404-0406", "0501-0505", "0610", "0915-0917", "1001-1007"},
			On:  []string{"0204", "0218", "0407", "0428", "0511", "0914", "0929", "1012"},
		}},
	} {
		got, err := calendar.ParseNotice(text)
		require.NoError(t, err)
		require.Equal(t, want.Number, got.Number)
		require.Equal(t, want.Year, got.Year)
		require.NotEmpty(t, got.Holidays)
	}
	got, err := calendar.ParseNotice(notice2026)
	require.NoError(t, err)
	require.Equal(t, "春节：2026-02-15 至 2026-02-23；2026-02-14 上班；2026-02-28 上班", got.Holidays[1])
}

// New Year's holiday may begin in the old year.
func TestNoticeAcrossTheTurnOfTheYear(t *testing.T) {
	text := strings.Replace(notice2026, "1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班", "2025年12月31日（周三）至2026年1月2日（周五）放假调休，共3天。2025年12月28日（周日）上班", 1)
	got, err := calendar.ParseNotice(text)
	require.NoError(t, err)
	require.Equal(t, "0101-0102", got.Year.Off[0])
	require.NotContains(t, got.Year.On, "1228", "it is another year's")
}

func TestNoticeThatDoesNotAgreeIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, with, want string }{
		"no year":               {"2026年", "", "哪一年"},
		"another year":          {"2026年", "2027年", "不是星期"},
		"a festival missing":    {"三、清明节：4月4日（周六）至6日（周一）放假，共3天。", "", "清明节"},
		"a festival twice":      {"五、端午节", "五、清明节：4月4日（周六）至6日（周一）放假，共3天。六、端午节", "两次"},
		"days that do not fit":  {"共9天", "共8天", "共8天"},
		"a weekday that is off": {"5月9日（周六）上班", "5月9日（周日）上班", "5月9日"},
		"work on a working day": {"5月9日（周六）上班", "5月8日（周五）上班", "2026-05-08"},
		"no such day":           {"2月28日（周六）", "2月30日（周六）", "2月30日"},
		"backwards":             {"4月4日（周六）至6日（周一）放假，共3天", "4月6日（周一）至4日（周六）放假，共3天", "不合理"},
		"nothing of days off":   {"6月19日（周五）至21日（周日）放假，共3天", "另行通知", "端午节"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.ReplaceAll(notice2026, c.old, c.with)
			require.NotEqual(t, notice2026, text)
			_, err := calendar.ParseNotice(text)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func FuzzParseNotice(f *testing.F) {
	for _, text := range []string{notice2024, notice2025, notice2026, "", "2026年一、元旦：", "2026年一、元旦：13月45日放假"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := calendar.ParseNotice(text)
		if err != nil {
			return
		}
		_, err = calendar.NewCalendar(1, map[int]calendar.Year{n.Number: n.Year})
		require.NoError(t, err)
	})
}
