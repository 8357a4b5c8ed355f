package cli

import (
	"io"
	"os"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"
)

// logging is how a command logs.
type logging struct {
	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"Least severe entries to log: ${enum}."`
	LogFormat string `enum:"auto,console,json" default:"auto" help:"Form of log entries: ${enum}; auto is console on a terminal."`
}

// logger makes the process's one logger.
func (l logging) logger(w io.Writer) *zap.Logger {
	level, err := zapcore.ParseLevel(l.LogLevel)
	if err != nil {
		level = zapcore.InfoLevel
	}
	console := l.LogFormat == "console" || l.LogFormat == "auto" && isTerminal(w)
	form := zap.NewProductionEncoderConfig()
	form.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	form.EncodeDuration = zapcore.SecondsDurationEncoder
	encoder := zapcore.NewJSONEncoder(form)
	if console {
		form.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
		form.EncodeLevel = zapcore.CapitalLevelEncoder
		form.EncodeDuration = zapcore.StringDurationEncoder
		encoder = zapcore.NewConsoleEncoder(form)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), level))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
