package store

// Limit sets from where on reports leave joins to the database, and how they
// choose between looking for callers and reading all calls. It gives what sets
// them back.
func Limit(owners, factor int) (restore func()) {
	was, before := ownersMax, scanFactor
	ownersMax, scanFactor = owners, factor
	return func() { ownersMax, scanFactor = was, before }
}
