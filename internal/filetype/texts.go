package filetype

// textUnknownEnding takes an ending and those that there are.
const textUnknownEnding = "不认识的文件类型 %q，可用：%s"
