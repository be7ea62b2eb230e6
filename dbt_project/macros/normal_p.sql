{# Two-sided p of a standard normal figure, by Abramowitz and Stegun 7.1.26 (error below 2e-7): the database has no erf. -#}
{% macro normal_p(z) -%}
    (
        (
            (
                (
                    (1.061405429 / (1 + 0.3275911 * abs({{ z }}) / sqrt(2)) - 1.453152027)
                    / (1 + 0.3275911 * abs({{ z }}) / sqrt(2))
                    + 1.421413741
                )
                / (1 + 0.3275911 * abs({{ z }}) / sqrt(2))
                - 0.284496736
            )
            / (1 + 0.3275911 * abs({{ z }}) / sqrt(2))
            + 0.254829592
        )
        / (1 + 0.3275911 * abs({{ z }}) / sqrt(2))
        * exp(- ({{ z }}) * ({{ z }}) / 2)
    )
{%- endmacro %}

{# Benjamini and Hochberg's q of `p` among the rows of `within` that have one; `by` breaks ties. Two window steps. -#}
{% macro p_ranked(p, within, by) -%}
    {{ p }}
    * count({{ p }}) over (partition by {{ within }})
    / row_number() over (partition by {{ within }} order by {{ p }} nulls last, {{ by }})
{%- endmacro %}
{% macro q_value(ranked, p, within, by) -%}
    case
        when {{ p }} is not null
        then
            least(
                1,
                min({{ ranked }}) over (
                    partition by {{ within }}, {{ p }} is null
                    order by {{ p }} desc, {{ by }} desc
                    rows unbounded preceding
                )
            )
    end
{%- endmacro %}
