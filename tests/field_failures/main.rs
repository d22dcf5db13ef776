//! Failures that really happened in the field, each with the test that it must not happen here.
//! The verdict is not *releasable*, nothing is lost, and somebody is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

#[allow(dead_code)]
#[path = "../rules/case.rs"]
mod case;
#[allow(dead_code)]
#[path = "../store/bench.rs"]
mod store_bench;
#[path = "../support/mod.rs"]
mod support;

mod fm_01_result_bound_to_the_wrong_donation;
mod fm_04_same_instrument_on_two_lines;
mod fm_08_two_tubes_with_one_barcode;
mod fm_09_wrong_but_valid_looking_number;
mod fm_10_unknown_prefix_treated_as_usual;
mod fm_11_identity_carried_forward;
mod fm_12_extra_field_splits_the_case_file;
mod fm_13_analyser_overwrites_the_donor;
mod fm_14_identities_merged_by_likeness;
mod fm_15_two_codes_for_one_assay;
mod fm_16_only_the_first_flag_kept;
mod fm_17_correction_to_follow_not_stored;
mod fm_18_warning_lost_on_the_way;
mod fm_19_sent_again_with_less;
mod fm_20_release_by_a_side_door;
mod fm_21_expired_reagent_shown_as_ok;
mod fm_22_minimal_record_refused;
mod fm_23_one_passed_control_for_all;
mod fm_24_control_of_another_lot;
mod fm_25_two_changes_one_control;
mod fm_26_discrepant_results_released;
mod fm_27_retested_until_it_fits;
mod fm_28_reactive_edited_to_negative;
mod fm_29_repeat_reactive_donor_stays_active;
mod fm_30_deferral_lost_between_systems;
mod fm_31_negative_repeat_erases_the_reactive;
mod fm_32_setting_error_in_a_program_improvement;
mod fm_33_check_disabled_unnoticed;
mod fm_36_version_of_the_program_unknown;
mod fm_37_checks_dropped_under_load;
mod fm_38_edit_lost_in_another_session;
mod fm_40_defects_found_by_users;
mod fm_41_late_acknowledgement_credited_to_the_next;
mod fm_42_acknowledged_while_the_database_is_down;
mod fm_43_retries_flood;
mod fm_44_unreachable_analyser_holds_up_the_others;
mod fm_45_refused_order_overtaken;
mod fm_46_recovery_fails_and_starts_anyway;
mod fm_47_half_open_connection_unnoticed;
mod fm_48_clock_jump;
