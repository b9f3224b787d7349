"""The directory as Open Referral's HSDS 3 has it: what may leave, as which objects, and packages read back."""
