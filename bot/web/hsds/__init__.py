"""The public directory over HTTP: `/hsds/`, read-only, as Open Referral's HSDS asks for it."""
