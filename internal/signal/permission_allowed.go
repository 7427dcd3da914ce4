package signal

// permissionAllowed is trust in what the agent wants to do.
var permissionAllowed = Definition{
	Name: "permission_allowed", Title: "Permission given", Group: Action, Dimension: Trust, Weight: 0.2, Weights: "always +0.6, once +0.2",
	Rule: "The user let the agent act when it asked.",
	find: func(f *finder) {
		f.each(func(i int) {
			if e := f.Events[i]; isPermission(e) && allows(e) {
				f.see(i, "%s", words(e.PermissionAnswer))
			}
		})
	},
}
