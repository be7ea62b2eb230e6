-- How far the sub-tests of durability say the same thing: correlation of their answers (phi) over the sessions at
-- which both spoke, from 2015 to the end of the year before. A row stands for the first session of a year, which
-- is the first to know that the year before is over. Each pair stands once.
with
    years as (
        select min(session_date) as session_date, year(session_date) - 1 as year_no
        from {{ ref("int_calendar") }}
        where session_date >= date '2016-01-01'
        group by year(session_date)
    ),
    told as (
        select session_date, test_id, criterion, is_passed
        from {{ ref("answer_tests") }}
        where criterion <> 'mechanical'
    ),
    counted as (
        select
            x.test_id as test_x,
            y.test_id as test_y,
            max(x.criterion) as criterion_x,
            max(y.criterion) as criterion_y,
            year(x.session_date) as year_no,
            count(*) filter (where x.is_passed is not null and y.is_passed is not null) as n,
            count(*) filter (where x.is_passed and y.is_passed) as both,
            count(*) filter (where x.is_passed and y.is_passed is not null) as only_x,
            count(*) filter (where y.is_passed and x.is_passed is not null) as only_y
        from told as x
        inner join told as y on y.session_date = x.session_date and y.test_id > x.test_id
        group by x.test_id, y.test_id, year(x.session_date)
    ),
    summed as (
        select
            c.test_x,
            c.test_y,
            c.criterion_x,
            c.criterion_y,
            y.session_date,
            cast(sum(c.n) over upto as double) as n,
            cast(sum(c.both) over upto as double) as n11,
            cast(sum(c.only_x) over upto as double) as nx,
            cast(sum(c.only_y) over upto as double) as ny
        from counted as c
        inner join years as y on y.year_no = c.year_no
        window upto as (partition by c.test_x, c.test_y order by c.year_no rows unbounded preceding)
    ),
    judged as (
        select
            *,
            case when n < 252 then 'WARMUP' when nx in (0, n) or ny in (0, n) then 'UNDEFINED' else 'OK' end as status
        from summed
    )
select
    j.test_x,
    j.test_y,
    j.session_date,
    j.criterion_x,
    j.criterion_y,
    case
        when j.status = 'OK'
        then round((j.n * j.n11 - j.nx * j.ny) / sqrt(j.nx * (j.n - j.nx) * j.ny * (j.n - j.ny)), 6)
    end as correlation,
    cast(j.n as integer) as n,
    j.status,
    k.snapshot_at as known_at
from judged as j
inner join {{ ref("int_calendar") }} as k on k.session_date = j.session_date
order by j.session_date, j.test_x, j.test_y
