package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/zap"
)

type rebuildRequest struct {
	Force bool `query:"force" doc:"also when the journal does not hold everything any more, and so what only the index knows would be lost"`
}

// registerIndex registers what an administrator does with the index.
func (s *Server) registerIndex() {
	op := operation("rebuild-index", http.MethodPost, "/api/v1/index/rebuild",
		"Throw the index away and make it anew from the journal and the recordings; status says how far it is", admins, 409)
	op.DefaultStatus = http.StatusAccepted
	huma.Register(s.huma, op, s.rebuild)
}

func (s *Server) rebuild(ctx context.Context, in *rebuildRequest) (*of[StoreState], error) {
	j := s.cfg.Journal.Status()
	if j.Whole > 1 && !in.Force {
		return nil, huma.Error409Conflict(fmt.Sprintf("the journal has thrown away entries before number %d: "+
			"agents' times and decisions of then would be lost, and call records older than the journal; force=true does it all the same", j.Whole))
	}
	s.log.Info("index is made anew", zap.String("by", callerOf(ctx).name), zap.Bool("force", in.Force))
	s.cfg.Records.Renew()
	return &of[StoreState]{s.storeState()}, nil
}

// storeState is the index as it stands.
func (s *Server) storeState() StoreState {
	i := s.cfg.Records.Status()
	return StoreState{Behind: i.Behind, Poison: i.Poison, Fault: text(i.Fault), Database: i.Database,
		Lag: i.Lag.Seconds(), Since: sinceOf(i.Since), Building: i.Building}
}
