package training

// What the log says of the clock.
const (
	textSlow     = "本机跟不上设定的速度，演练时钟已自动放慢"
	textCaughtUp = "演练时钟已恢复设定的速度"
)
