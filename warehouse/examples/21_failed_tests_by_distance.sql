-- Which tests of the checklist fail today, nearest to their threshold first, and which cannot be told?
-- Trap: a test that is not told is NULL with a reason, not a failed one; its distance is NULL, too.
SELECT criterion, label, round(value, 2) AS value, op, threshold, unit, round(distance, 2) AS distance, status
FROM marts.durability_tests
WHERE session_date = (SELECT max(session_date) FROM marts.durability_tests) AND is_passed IS DISTINCT FROM true AND criterion <> 'mechanical'
ORDER BY is_passed IS NULL, abs(distance) / greatest(abs(threshold), 1), test_id;
