package segment

// isClientLibrary reports whether a library runs on its user's device, so that the address the request
// comes from is the user's.
func isClientLibrary(name []byte) bool {
	var lower [64]byte
	if len(name) > len(lower) {
		return false
	}
	n := copy(lower[:], name)
	for i, c := range lower[:n] {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c | 0x20
		}
	}
	switch string(lower[:n]) {
	case "analytics.js", "analytics-next", "@segment/analytics-next",
		"analytics-ios", "analytics-swift", "analytics-android", "analytics-kotlin", "analytics-csharp", "analytics-xamarin",
		"analytics-react-native", "@segment/analytics-react-native", "analytics_flutter", "analytics-flutter",
		"rudderlabs javascript sdk", "com.rudderstack.android.sdk.core", "rudder-ios-library":
		return true
	}
	return false
}

// isClientChannel reads the channel member, which RudderStack's SDKs and old ones of Segment send.
func isClientChannel(name []byte) bool {
	switch string(name) {
	case "web", "browser", "client", "mobile":
		return true
	}
	return false
}
