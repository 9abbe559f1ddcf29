"""The OpenRosa protocol, as ODK Collect, KoboCollect and Enketo speak it: form lists out, submissions in."""
