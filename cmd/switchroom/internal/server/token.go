package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"switchroom/configs"
)

// tokenFile keeps the administrator's token of a switch whose configuration
// names none, so that there is no default password anywhere.
const tokenFile = "admin.token"

// tokens are those of the configuration, or one that is made at the first
// start and kept in the data folder, readable by its owner alone.
func tokens(cfg *configs.Config) ([]configs.Token, error) {
	if len(cfg.HTTP.Tokens) > 0 {
		return cfg.HTTP.Tokens, nil
	}
	path := filepath.Join(cfg.Data, tokenFile)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		text = []byte(rand.Text() + "\n")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, fmt.Errorf("server: keeping a new administrator's token: %w", err)
		}
	case err != nil:
		return nil, fmt.Errorf("server: reading the administrator's token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return nil, fmt.Errorf("server: %s is empty: remove it and a new token is made", path)
	}
	return []configs.Token{{Token: token, Role: "admin"}}, nil
}
