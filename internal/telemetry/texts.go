package telemetry

// What errors and metrics say.
const (
	textCA    = "证书文件里没有可用的证书：%s"
	textBuild = "The version of the program that runs; always 1."
)
