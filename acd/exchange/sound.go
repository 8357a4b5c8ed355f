package exchange

import (
	"fmt"
	"os"
	"sync"

	"switchroom/configs"
	"switchroom/configs/prompts"
	"switchroom/media"

	"go.uber.org/zap"
)

// loadSounds makes clips of the prompts that are files of the configuration's.
func loadSounds(cfg *configs.Config) (map[string]*media.Clip, error) {
	clips := make(map[string]*media.Clip, len(cfg.Sounds))
	for _, s := range cfg.Sounds {
		clip, err := loadSound(s.File)
		if err != nil {
			return nil, fmt.Errorf("exchange: prompt %s: %w", s.ID, err)
		}
		clips[s.ID] = clip
	}
	return clips, nil
}

func loadSound(name string) (*media.Clip, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return media.ReadClip(f)
}

// builtIn are the clips of built-in prompts that somebody has heard.
var builtIn sync.Map // LANGUAGE/NAME: *media.Clip

// clip is what several prompts of a language say one after the other; nil when
// none of them is there.
func (x *Exchange) clip(language string, names []string) *media.Clip {
	own := x.plan.Load().sounds
	var parts []*media.Clip
	for _, name := range names {
		id := language + "/" + name
		part := own[id]
		if part == nil {
			part = x.builtInClip(id, language, name)
		}
		if part != nil {
			parts = append(parts, part)
		}
	}
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return media.Join(parts...)
}

func (x *Exchange) builtInClip(id, language, name string) *media.Clip {
	if clip, ok := builtIn.Load(id); ok {
		return clip.(*media.Clip)
	}
	f, err := prompts.Open(language, name)
	if err != nil {
		x.log.Error("no such prompt", zap.String("prompt", id), zap.Error(err))
		return nil // the configuration was checked: a prompt that a reload took away
	}
	defer f.Close()
	clip, err := media.ReadClip(f)
	if err != nil {
		x.log.Error("prompt cannot be read", zap.String("prompt", id), zap.Error(err))
		return nil
	}
	builtIn.Store(id, clip)
	return clip
}

// languageOf is what a client's callers are spoken to in.
func (p *plan) languageOf(client string) string {
	if c := p.client(client); c != nil {
		return c.Language
	}
	return configs.Languages[0]
}

func (p *plan) client(id string) *configs.Client {
	for i := range p.config.Clients {
		if c := &p.config.Clients[i]; c.ID == id {
			return c
		}
	}
	return nil
}
