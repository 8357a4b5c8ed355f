package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd/journal"
)

// open opens an empty database in a folder of the test's.
func open(t *testing.T) *database {
	cfg := Config{Path: filepath.Join(t.TempDir(), "switchroom.db")}.withDefaults()
	d, err := openDatabase(context.Background(), &cfg, journal.ID{1}, 0)
	require.NoError(t, err)
	t.Cleanup(func() { d.close() })
	return d
}

// TestListsAreFoundByTheirIndexesInTheirOrder: no list reads more than its
// page, whatever it is chosen by.
func TestListsAreFoundByTheirIndexesInTheirOrder(t *testing.T) {
	d := open(t)
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for _, table := range []struct{ name, columns string }{{"cdrs", recordColumns}, {"recordings", "item"}} {
		for index, f := range map[string]Filter{
			"started": {}, "started (started>? AND started<?": {From: at, To: at.Add(time.Hour)}, "client": {Client: "c"}, "queue": {Queue: "q", From: at},
			"agent": {Agent: "a", To: at, Order: "started"}, "number": {Number: "+86138"}, "caller": {Number: "86138", Client: "c", From: at},
		} {
			for _, page := range []string{"", cursor(at, "01900000-0000-7000-8000-000000000001")} {
				f.Limit, f.Cursor = 100, page
				text, args, err := f.query(table.columns, table.name)
				require.NoError(t, err)
				rows, err := d.read.Query("EXPLAIN QUERY PLAN "+text, args...)
				require.NoError(t, err)
				var plan strings.Builder
				for rows.Next() {
					var id, parent, unused int
					var detail string
					require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
					plan.WriteString(detail + "\n")
				}
				require.NoError(t, rows.Close())
				name, _, _ := strings.Cut(index, " ")
				require.Contains(t, plan.String(), "INDEX "+table.name+"_"+name, "%s by %v", text, args)
				if f.Number == "" {
					require.NotContains(t, plan.String(), "TEMP B-TREE", text)
				}
				for line := range strings.SplitSeq(plan.String(), "\n") {
					if strings.HasPrefix(line, "SCAN "+table.name) {
						require.Contains(t, line, "INDEX "+table.name+"_started", text)
					}
				}
			}
		}
	}
}

func TestTablesOfAnEarlierFormAreTakenOn(t *testing.T) {
	ctx, d := context.Background(), open(t)
	id := journal.ID{1}
	b := newBatch(1)
	b.next = 5
	b.add(decisionRows, int64(3), "call", "8001", "c", int64(0), "{}")
	require.NoError(t, b.commit(ctx, d, func(commit func() error) error { return commit() }))

	newest := migrations[len(migrations)-1].form
	later := append(migrations[:len(migrations):len(migrations)],
		migration{form: newest + 1, statements: []string{`ALTER TABLE decisions ADD COLUMN extra {text} NOT NULL DEFAULT 'x'`}},
		migration{form: newest + 2, statements: []string{`CREATE INDEX decisions_extra ON decisions (extra)`}})
	require.NoError(t, d.migrate(ctx, id, later))
	var extra string
	var form, next int
	require.NoError(t, d.write.QueryRow(`SELECT extra FROM decisions WHERE seq = 3`).Scan(&extra))
	require.NoError(t, d.write.QueryRow(`SELECT form, next FROM projection`).Scan(&form, &next))
	require.Equal(t, "x", extra)
	require.Equal(t, [2]int{newest + 2, 5}, [2]int{form, next}, "and nothing was folded anew")
	require.NoError(t, d.migrate(ctx, id, later), "once")

	broken := append(later, migration{form: newest + 3, statements: []string{`CREATE INDEX a ON decisions (extra)`, `CREATE NONSENSE`}})
	require.Error(t, d.migrate(ctx, id, broken))
	require.NoError(t, d.write.QueryRow(`SELECT form FROM projection`).Scan(&form))
	require.Equal(t, newest+2, form, "whole or not at all")
	require.ErrorIs(t, d.migrate(ctx, id, migrations), errForm, "a form of the future is not understood")
}

func TestMigrationsAreInOrder(t *testing.T) {
	for i, m := range migrations {
		require.Equal(t, firstForm+i, m.form)
	}
	made := map[string]bool{}
	for _, m := range migrations {
		for _, s := range m.statements {
			if name, ok := strings.CutPrefix(s, "CREATE TABLE "); ok {
				made[strings.Fields(name)[0]] = true
			}
		}
	}
	require.Len(t, made, len(tableNames))
	for _, name := range tableNames {
		require.True(t, made[name], name)
	}
}

// TestReportsReadNoMoreThanTheyUse: agents' time comes out of indexes alone, and
// who called again is not found by reading all calls.
func TestReportsReadNoMoreThanTheyUse(t *testing.T) {
	d := open(t)
	for text, want := range map[string]string{
		againText + "IN (?, ?)": "INDEX cdrs_caller (caller=? AND started>? AND started<?)",
		timesText:               "COVERING INDEX spells_time (start>? AND start<?)",
		worksText:               "COVERING INDEX spells_work (start>? AND start<?)",
	} {
		rows, err := d.read.Query("EXPLAIN QUERY PLAN "+text, 1, 2, "a", "b")
		if err != nil {
			rows, err = d.read.Query("EXPLAIN QUERY PLAN "+text, 1, 2)
		}
		require.NoError(t, err)
		require.True(t, rows.Next())
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		require.NoError(t, rows.Close())
		require.Contains(t, detail, want)
	}
}
